// SPDX-License-Identifier: MIT
// What stands on the floor where behaviours are places on it, seen from above.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace dne {

// An obstacle: its centre and half its lengths.
struct FloorRectangle {
  double x = 0;
  double y = 0;
  double half_x = 0;
  double half_y = 0;
};

using FloorPoint = std::array<double, 2>;

// A wall that is a line.
struct FloorSegment {
  FloorPoint from;
  FloorPoint to;
};

struct FloorPlan {
  std::string_view unit;  // of both coordinates: "metres"
  bool y_points_down = false;
  std::vector<FloorRectangle> rectangles;
  std::vector<FloorSegment> segments;
  // Where all episodes start, and where they should lead: where there are such places.
  std::optional<FloorPoint> start;
  std::optional<FloorPoint> goal;
};

}  // namespace dne
