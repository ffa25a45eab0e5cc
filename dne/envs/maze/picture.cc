// SPDX-License-Identifier: MIT
#include "dne/envs/maze/picture.h"

namespace dne {
namespace {

constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kBlack = {0, 0, 0};
constexpr Colour kMark = {255, 200, 0};
constexpr Colour kGoal = {60, 180, 75};
constexpr Colour kStart = {200, 200, 200};
constexpr float kWallWidth = 2.5f;  // pixels
constexpr float kMarkWidth = 2.5f;

}  // namespace

View::View(const Maze& maze, int side, float margin) {
  MazePoint low = maze.walls.front().a;
  MazePoint high = low;
  for (const MazeWall& wall : maze.walls) {
    for (const MazePoint p : {wall.a, wall.b}) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const float extent = std::max(high.x - low.x, high.y - low.y);
  const float pixels = static_cast<float>(side);
  scale_ = (pixels - 2 * margin) / extent;
  const float half = pixels / (2 * scale_);
  corner_ = {(low.x + high.x) / 2 - half, (low.y + high.y) / 2 - half};
}

RobotShape ShapeOf(const View& view, MazePoint location, float heading) {
  const MazePoint centre = view(location);
  const float radius = kRobotRadius * view.scale();
  const auto radians = static_cast<float>(double{heading} / 180.0 * 3.1415926);
  const MazePoint front = {centre.x + std::cos(radians) * radius,
                           centre.y + std::sin(radians) * radius};
  return {.centre = centre, .front = front, .radius = radius};
}

ColourPicture::ColourPicture(int side, Colour ground) : side_(side) {
  for (int i = 0; i < side * side; ++i) {
    rgb_.insert(rgb_.end(), {ground.red, ground.green, ground.blue});
  }
}

void ColourPicture::DrawLine(MazePoint a, MazePoint b, float width, Colour colour) {
  const float reach = width / 2;
  const Box box = BoxAround(a, b, reach, side_);
  for (int y = box.y0; y < box.y1; ++y) {
    for (int x = box.x0; x < box.x1; ++x) {
      if (IsNear(x, y, a, b, reach)) Set(x, y, colour);
    }
  }
}

void ColourPicture::DrawRectangle(MazePoint low, MazePoint high, Colour colour) {
  const Box box = BoxAround(low, high, 0, side_);
  for (int y = box.y0; y < box.y1; ++y) {
    for (int x = box.x0; x < box.x1; ++x) Set(x, y, colour);
  }
}

void ColourPicture::Set(int x, int y, Colour colour) {
  uint8_t* pixel = &rgb_[static_cast<size_t>(3 * (y * side_ + x))];
  pixel[0] = colour.red;
  pixel[1] = colour.green;
  pixel[2] = colour.blue;
}

void ColourPicture::DrawDisc(MazePoint centre, float radius, Colour colour) {
  DrawLine(centre, centre, 2 * radius, colour);
}

void ColourPicture::DrawRobot(const RobotShape& robot) {
  DrawDisc(robot.centre, robot.radius, kBlack);
  DrawLine(robot.centre, robot.front, kMarkWidth, kMark);
}

ColourPicture DrawMaze(const Maze& maze, const View& view, int side, float goal_radius) {
  ColourPicture picture(side, kWhite);
  picture.DrawDisc(view(maze.start), kRobotRadius * view.scale(), kStart);
  picture.DrawDisc(view(maze.goal), goal_radius * view.scale(), kGoal);
  for (const MazeWall& wall : maze.walls) {
    picture.DrawLine(view(wall.a), view(wall.b), kWallWidth, kBlack);
  }
  return picture;
}

}  // namespace dne
