// SPDX-License-Identifier: MIT
// Pictures of mazes from above. A pixel belongs to a line or a disc where its centre does, so that
// a picture is the same wherever it is drawn.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/envs/maze/maze.h"

namespace dne {

// Pixels from (x0, y0) to before (x1, y1).
struct Box {
  int x0 = 0;
  int y0 = 0;
  int x1 = 0;
  int y1 = 0;
};

// Those of a square picture in which a pixel within `reach` of the segment may lie.
inline Box BoxAround(MazePoint a, MazePoint b, float reach, int side) {
  const auto cut = [&](float pixel) {
    return static_cast<int>(std::clamp(pixel, 0.0f, static_cast<float>(side)));
  };
  const auto low = [&](float p, float q) { return cut(std::floor(std::min(p, q) - reach)); };
  const auto high = [&](float p, float q) { return cut(std::ceil(std::max(p, q) + reach)); };
  return {low(a.x, b.x), low(a.y, b.y), high(a.x, b.x), high(a.y, b.y)};
}

// Whether the centre of pixel (x, y) lies within `reach` of the segment, which may be a point.
inline bool IsNear(int x, int y, MazePoint a, MazePoint b, float reach) {
  const MazePoint centre = {static_cast<float>(x) + 0.5f, static_cast<float>(y) + 0.5f};
  const MazePoint way = {b.x - a.x, b.y - a.y};
  const MazePoint from_a = {centre.x - a.x, centre.y - a.y};
  const float squared = way.x * way.x + way.y * way.y;
  const float along = from_a.x * way.x + from_a.y * way.y;
  const float share = squared > 0 ? std::clamp(along / squared, 0.0f, 1.0f) : 0;
  const float dx = from_a.x - share * way.x;
  const float dy = from_a.y - share * way.y;
  return dx * dx + dy * dy <= reach * reach;
}

// From a maze's units to pixels of a square picture: all walls are in it, in the middle.
class View {
 public:
  View(const Maze& maze, int side, float margin);

  MazePoint operator()(MazePoint p) const {
    return {(p.x - corner_.x) * scale_, (p.y - corner_.y) * scale_};
  }
  float scale() const { return scale_; }  // pixels a unit

 private:
  MazePoint corner_;
  float scale_ = 1;
};

// A robot in pixels: a disc, and a mark from its middle to its rim where it heads.
struct RobotShape {
  MazePoint centre;
  MazePoint front;
  float radius = 0;
};
// `heading` in degrees.
RobotShape ShapeOf(const View& view, MazePoint location, float heading);

struct Colour {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

// A square picture in colour, for people.
class ColourPicture {
 public:
  ColourPicture(int side, Colour ground);

  void DrawLine(MazePoint a, MazePoint b, float width, Colour colour);
  // From one corner to the other.
  void DrawRectangle(MazePoint low, MazePoint high, Colour colour);
  void DrawDisc(MazePoint centre, float radius, Colour colour);
  void DrawRobot(const RobotShape& robot);

  int side() const { return side_; }
  std::span<const uint8_t> rgb() const { return rgb_; }

 private:
  void Set(int x, int y, Colour colour);

  int side_;
  std::vector<uint8_t> rgb_;
};

// The walls of a maze, its start and the goal; `goal_radius` in the maze's units.
ColourPicture DrawMaze(const Maze& maze, const View& view, int side, float goal_radius);

}  // namespace dne
