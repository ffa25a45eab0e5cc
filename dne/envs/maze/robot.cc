// SPDX-License-Identifier: MIT
#include "dne/envs/maze/robot.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dne {
namespace {

constexpr double kPublishedPi = 3.1415926;
constexpr std::array<float, kNumRangeFinders> kRangeFinderAngles = {-90, -45, 0, 45, 90, -180};

float RadiansOf(float degrees) {
  return static_cast<float>(double{degrees} / 180.0 * kPublishedPi);
}

// A rotation by so many degrees about the origin.
struct Rotation {
  float cosine;
  float sine;

  explicit Rotation(float degrees) {
    const float radians = RadiansOf(degrees);
    cosine = std::cos(radians);
    sine = std::sin(radians);
  }

  MazePoint operator()(MazePoint p) const {
    return {cosine * p.x - sine * p.y, sine * p.x + cosine * p.y};
  }
};

// Where the range finders end, seen from a robot that heads along x. Compilers know these sines and
// round them correctly, which the library's of single precision are not always: so double it is.
std::array<MazePoint, kNumRangeFinders> MakeReach() {
  std::array<MazePoint, kNumRangeFinders> reach;
  for (size_t i = 0; i < reach.size(); ++i) {
    const double radians = RadiansOf(kRangeFinderAngles[i]);
    reach[i] = {static_cast<float>(std::cos(radians)) * kRange,
                static_cast<float>(std::sin(radians)) * kRange};
  }
  return reach;
}

// Of the vector, in degrees from -90 to 270.
float AngleOf(MazePoint p) {
  if (p.x == 0) return p.y > 0 ? 90 : 270;
  const auto angle = static_cast<float>(std::atan(p.y / p.x) / kPublishedPi * 180.0);
  return p.x > 0 ? angle : static_cast<float>(double{angle} + 180.0);
}

// What an output asks for: -3 to 3.
float Wanted(float output) {
  return static_cast<float>((double{std::clamp(output, 0.0f, 1.0f)} - 0.5) * 6.0);
}

float Towards(float wanted, float now) {
  constexpr float kMostChange = 0.2f;
  constexpr float kMost = 3;
  return std::clamp(now + std::clamp(wanted - now, -kMostChange, kMostChange), -kMost, kMost);
}

}  // namespace

// --- The walls -----------------------------------------------------------------------------------

WallTable::WallTable(std::span<const MazeWall> walls)
    : blocks_((walls.size() + kLanes - 1) / kLanes) {
  for (size_t i = 0; i < walls.size(); ++i) {
    const auto& [a, b] = walls[i];
    Block& block = blocks_[i / kLanes];
    const size_t lane = i % kLanes;
    block.ax[lane] = a.x;
    block.ay[lane] = a.y;
    block.bx[lane] = b.x;
    block.by[lane] = b.y;
    block.dx[lane] = b.x - a.x;
    block.dy[lane] = b.y - a.y;
    const float length = Distance(a, b);
    block.squared[lane] = length * length;
  }
}

// A distance is below the radius where its square is below the radius's: roots are rounded, and 64
// is the root's only neighbour that could be rounded to 8. Of a point `share` is not a number.
bool WallTable::Touches(MazePoint centre) const {
  constexpr float kSquaredRadius = kRobotRadius * kRobotRadius;
  for (const Block& w : blocks_) {
    int touches = 0;
    for (size_t i = 0; i < kLanes; ++i) {
      const float from_ax = centre.x - w.ax[i];
      const float from_ay = centre.y - w.ay[i];
      const float from_bx = centre.x - w.bx[i];
      const float from_by = centre.y - w.by[i];
      const float share = (from_ax * w.dx[i] + from_ay * w.dy[i]) / w.squared[i];
      const float x = centre.x - (w.ax[i] + share * w.dx[i]);
      const float y = centre.y - (w.ay[i] + share * w.dy[i]);
      const float to_a = from_ax * from_ax + from_ay * from_ay;
      const float to_b = from_bx * from_bx + from_by * from_by;
      const float to_ends = to_a < to_b ? to_a : to_b;
      const float to_line = x * x + y * y;
      const float squared = (share < 0) | (share > 1) ? to_ends : to_line;
      touches |= static_cast<int>(squared < kSquaredRadius);
    }
    if (touches != 0) return true;
  }
  return false;
}

std::array<float, kNumRangeFinders> WallTable::Ranges(
    MazePoint from, std::span<const MazePoint, kNumRangeFinders> ends) const {
  Squares nearest;
  for (auto& lanes : nearest) lanes.fill(std::numeric_limits<float>::infinity());
  for (const Block& walls : blocks_) Approach(walls, from, ends, nearest);
  std::array<float, kNumRangeFinders> ranges;
  for (size_t ray = 0; ray < kNumRangeFinders; ++ray) {
    ranges[ray] = std::min(kRange, std::sqrt(*std::ranges::min_element(nearest[ray])));
  }
  return ranges;
}

// The published code says where segment and ray meet by two shares, of the segment and of the ray,
// which must lie between 0 and 1; parallel ones have shares that are infinite or not a number. The
// nearest meeting is the one of the least square.
void WallTable::Approach(const Block& w, MazePoint from,
                         std::span<const MazePoint, kNumRangeFinders> ends, Squares& nearest) {
  std::array<float, kLanes> ax, ay, ray_top;
  for (size_t i = 0; i < kLanes; ++i) {
    ax[i] = w.ax[i] - from.x;
    ay[i] = w.ay[i] - from.y;
    ray_top[i] = ay[i] * w.dx[i] - ax[i] * w.dy[i];
  }
  for (size_t ray = 0; ray < kNumRangeFinders; ++ray) {
    const float ray_x = ends[ray].x - from.x;
    const float ray_y = ends[ray].y - from.y;
    for (size_t i = 0; i < kLanes; ++i) {
      const float bottom = w.dx[i] * ray_y - w.dy[i] * ray_x;
      const float wall_share = (ay[i] * ray_x - ax[i] * ray_y) / bottom;
      const float ray_share = ray_top[i] / bottom;
      const float x = from.x - (w.ax[i] + wall_share * w.dx[i]);
      const float y = from.y - (w.ay[i] + wall_share * w.dy[i]);
      const bool meet = (wall_share > 0) & (wall_share < 1) & (ray_share > 0) & (ray_share < 1);
      const float squared = x * x + y * y;
      nearest[ray][i] = meet & (squared < nearest[ray][i]) ? squared : nearest[ray][i];
    }
  }
}

// --- The robot -----------------------------------------------------------------------------------

void Robot::Reset() {
  location_ = maze_.start;
  heading_ = maze_.heading;
  speed_ = angular_velocity_ = 0;
  disabled_ = false;
}

// It drives where it headed before it turned; what would touch a wall is left out, turning is not.
void Robot::Step(float turn, float drive) {
  angular_velocity_ = Towards(Wanted(turn), angular_velocity_);
  speed_ = Towards(Wanted(drive), speed_);
  const double radians = double{heading_} / 180.0 * kPublishedPi;
  const auto x = static_cast<float>(std::cos(radians) * double{speed_});
  const auto y = static_cast<float>(std::sin(radians) * double{speed_});
  heading_ += angular_velocity_;
  if (heading_ > 360) heading_ -= 360;
  if (heading_ < 0) heading_ += 360;
  const MazePoint next = {x + location_.x, y + location_.y};
  if (disabled_) return;
  if (!walls_.Touches(next)) {
    location_ = next;
  } else {
    disabled_ = maze_.disabled_by_collision;
  }
}

void Robot::Sense(std::span<float, kNumSensors> out) const {
  static const std::array<MazePoint, kNumRangeFinders> kReach = MakeReach();
  const Rotation rotation(heading_);
  std::array<MazePoint, kNumRangeFinders> ends;
  for (size_t i = 0; i < ends.size(); ++i) {
    // Added and taken away again, as published: that rounds.
    const MazePoint reach = {(location_.x + kReach[i].x) - location_.x,
                             (location_.y + kReach[i].y) - location_.y};
    const MazePoint turned = rotation(reach);
    ends[i] = {turned.x + location_.x, turned.y + location_.y};
  }
  const auto ranges = walls_.Ranges(location_, ends);
  std::ranges::fill(out, 0.0f);
  out[0] = 1;
  for (size_t i = 0; i < ranges.size(); ++i) out[1 + i] = ranges[i] / kRange;
  out[static_cast<size_t>(1 + kNumRangeFinders + QuarterOfGoal())] = 1;
}

int Robot::QuarterOfGoal() const {
  const Rotation back(-heading_);
  const MazePoint turned = back({maze_.goal.x - location_.x, maze_.goal.y - location_.y});
  const float angle =
      AngleOf({(turned.x + location_.x) - location_.x, (turned.y + location_.y) - location_.y});
  if (angle >= -45 && angle < 45) return 0;
  if (angle >= 45 && angle < 135) return 1;
  if (angle >= 135 && angle < 225) return 2;
  return 3;
}

}  // namespace dne
