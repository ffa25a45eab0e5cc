// SPDX-License-Identifier: MIT
#include "dne/envs/maze/breadcrumbs.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr int32_t kUnknown = -1;
constexpr int32_t kBlocked = -2;

bool IsOnGrid(int x, int y) { return x >= 0 && x < kMazeSide && y >= 0 && y < kMazeSide; }
size_t CellAt(int x, int y) { return static_cast<size_t>(x * kMazeSide + y); }

}  // namespace

Breadcrumbs::Breadcrumbs(const Maze& maze)
    : lengths_(static_cast<size_t>(kMazeSide * kMazeSide), kUnknown) {
  for (const MazeWall& wall : maze.walls) DrawWall(wall);
  Flood(static_cast<int>(maze.goal.x), static_cast<int>(maze.goal.y));
  if (PathLength(maze.start) > longest_) {
    throw Error(
        "reward is \"breadcrumb\", but no path leads from the maze's start to its goal "
        "around walls that are 12 wide: move them apart, or give reward = \"distance\"");
  }
}

// 12 lines side by side along the axis that the wall is nearer to a right angle with.
void Breadcrumbs::DrawWall(const MazeWall& wall) {
  const auto [x, y] = std::pair(static_cast<int>(wall.a.x), static_cast<int>(wall.a.y));
  const auto [to_x, to_y] = std::pair(static_cast<int>(wall.b.x), static_cast<int>(wall.b.y));
  const bool lies = std::abs(to_x - x) > std::abs(to_y - y);
  for (int aside = -5; aside <= 6; ++aside) {
    const int dx = lies ? 0 : aside;
    const int dy = lies ? aside : 0;
    DrawLine(x + dx, y + dy, to_x + dx, to_y + dy);
  }
}

// As pygame 1.9 drew: a step aside whenever the cells so far are owed one.
void Breadcrumbs::DrawLine(int x, int y, int to_x, int to_y) {
  int length = std::abs(to_x - x) + 1;
  int height = std::abs(to_y - y) + 1;
  std::pair<int, int> ahead = {to_x < x ? -1 : 1, 0};
  std::pair<int, int> aside = {0, to_y < y ? -1 : 1};
  if (length < height) {
    std::swap(length, height);
    std::swap(ahead, aside);
  }
  int owed = 0;
  for (int i = 0; i < length; ++i) {
    if (IsOnGrid(x, y)) lengths_[CellAt(x, y)] = kBlocked;
    x += ahead.first;
    y += ahead.second;
    owed += height;
    if (owed < length) continue;
    owed -= length;
    x += aside.first;
    y += aside.second;
  }
}

void Breadcrumbs::Flood(int x, int y) {
  std::vector<std::pair<int, int>> cells;
  const auto reach = [&](int to_x, int to_y, int32_t length) {
    if (!IsOnGrid(to_x, to_y) || lengths_[CellAt(to_x, to_y)] != kUnknown) return;
    lengths_[CellAt(to_x, to_y)] = length;
    longest_ = length;
    cells.emplace_back(to_x, to_y);
  };
  reach(x, y, 0);
  for (size_t next = 0; next < cells.size(); ++next) {
    const auto [from_x, from_y] = cells[next];
    const int32_t length = lengths_[CellAt(from_x, from_y)] + 1;
    reach(from_x + 1, from_y, length);
    reach(from_x - 1, from_y, length);
    reach(from_x, from_y + 1, length);
    reach(from_x, from_y - 1, length);
  }
  num_reachable_ = static_cast<int>(cells.size());
}

int Breadcrumbs::PathLength(MazePoint point) const {
  const auto [x, y] = std::pair(static_cast<int>(point.x), static_cast<int>(point.y));
  const int32_t length = IsOnGrid(x, y) ? lengths_[CellAt(x, y)] : kUnknown;
  return length < 0 ? longest_ + 1 : length;
}

}  // namespace dne
