// SPDX-License-Identifier: MIT
#include "dne/envs/maze/maze.h"

#include <algorithm>
#include <cmath>

namespace dne {
namespace {

constexpr std::string_view kHardMaze = R"(0
400
13
36 184
0
31 20
31 20
41 5 3 8
3 8 4 49
4 49 57 53
4 49 7 202
7 202 195 198
195 198 186 8
186 8 39 5
56 54 56 157
57 106 158 162
77 201 108 164
6 80 33 121
192 146 87 91
56 55 133 30
)";

constexpr std::string_view kMediumMaze = R"(0
400
11
30 22
0
270 100
270 100
293 7 289 130
289 130 6 134
6 134 8 5
8 5 292 7
241 130 58 65
114 7 73 42
130 91 107 46
196 8 139 51
219 122 182 63
267 9 214 63
271 129 237 88
)";

}  // namespace

const Maze& HardMaze() {
  static const Maze kMaze = ParseMaze(kHardMaze, "hard_maze");
  return kMaze;
}

const Maze& MediumMaze() {
  static const Maze kMaze = ParseMaze(kMediumMaze, "medium_maze");
  return kMaze;
}

float Distance(MazePoint point, MazePoint other) {
  const float x = other.x - point.x;
  const float y = other.y - point.y;
  return std::sqrt(x * x + y * y);
}

float Distance(const MazeWall& wall, MazePoint point) {
  const auto& [a, b] = wall;
  const float along = (point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y);
  const float length = Distance(a, b);
  if (length * length == 0) return 0;
  const float share = along / (length * length);
  if (share < 0 || share > 1) return std::min(Distance(a, point), Distance(b, point));
  return Distance(MazePoint{a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)}, point);
}

}  // namespace dne
