// SPDX-License-Identifier: MIT
// The robot of the deceptive mazes in the plain order of its published description: a wall and a
// range finder after the other. What the fast one is held to, bit for bit.
#pragma once

#include <array>
#include <cmath>
#include <optional>

#include "dne/envs/maze/robot.h"

namespace dne {

class PlainRobot {
 public:
  explicit PlainRobot(const Maze& maze) : maze_(maze), place_(maze.start), heading_(maze.heading) {}

  void Step(float turn, float drive) {
    turning_ = Change(turning_, turn);
    speed_ = Change(speed_, drive);
    const auto x = static_cast<float>(std::cos(heading_ / 180.0 * 3.1415926) * speed_);
    const auto y = static_cast<float>(std::sin(heading_ / 180.0 * 3.1415926) * speed_);
    heading_ += turning_;
    if (heading_ > 360) heading_ -= 360;
    if (heading_ < 0) heading_ += 360;
    const MazePoint next = {x + place_.x, y + place_.y};
    bool hits = false;
    for (const MazeWall& wall : maze_.walls) hits = hits || Distance(wall, next) < kRobotRadius;
    if (hits && maze_.disabled_by_collision) disabled_ = true;
    if (!hits && !disabled_) place_ = next;
  }

  std::array<float, kNumSensors> Sense() const {
    std::array<float, kNumSensors> senses{1};
    constexpr std::array<float, 6> kAngles = {-90, -45, 0, 45, 90, -180};
    for (size_t i = 0; i < kAngles.size(); ++i) senses[1 + i] = RangeAt(kAngles[i]) / 100;
    constexpr std::array<float, 4> kFrom = {315, 45, 135, 225};
    constexpr std::array<float, 4> kTo = {405, 135, 225, 315};
    const float angle = GoalAngle();
    for (size_t i = 0; i < kFrom.size(); ++i) {
      const bool first = angle >= kFrom[i] && angle < kTo[i];
      const bool second = angle + 360.0 >= kFrom[i] && angle + 360.0 < kTo[i];
      senses[7 + i] = first || second ? 1 : 0;
    }
    return senses;
  }

  MazePoint place() const { return place_; }
  float heading() const { return heading_; }

 private:
  static float Change(float now, float output) {
    if (output > 1) output = 1;
    if (output < 0) output = 0;
    const auto wanted = static_cast<float>((output - 0.5) * 6.0);
    float change = wanted - now;
    if (change >= 0.2) change = 0.2f;
    if (change <= -0.2) change = -0.2f;
    now += change;
    if (now > 3) now = 3;
    if (now < -3) now = -3;
    return now;
  }

  static MazePoint Rotate(MazePoint p, float degrees, MazePoint about) {
    const auto radians = static_cast<float>(degrees / 180.0 * 3.1415926);
    const float x = p.x - about.x;
    const float y = p.y - about.y;
    return {std::cos(radians) * x - std::sin(radians) * y + about.x,
            std::sin(radians) * x + std::cos(radians) * y + about.y};
  }

  // Where the wall meets the way to `end`.
  std::optional<MazePoint> Meeting(const MazeWall& wall, MazePoint end) const {
    const auto& [a, b] = wall;
    const MazePoint c = place_;
    const MazePoint d = end;
    const float bottom = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x);
    if (bottom == 0) return {};
    const float r = ((a.y - c.y) * (d.x - c.x) - (a.x - c.x) * (d.y - c.y)) / bottom;
    const float s = ((a.y - c.y) * (b.x - a.x) - (a.x - c.x) * (b.y - a.y)) / bottom;
    if (!(r > 0 && r < 1 && s > 0 && s < 1)) return {};
    return MazePoint{a.x + r * (b.x - a.x), a.y + r * (b.y - a.y)};
  }

  float RangeAt(float degrees) const {
    const double radians = static_cast<float>(degrees / 180.0 * 3.1415926);
    MazePoint end = {place_.x + static_cast<float>(std::cos(radians)) * 100.0f,
                     place_.y + static_cast<float>(std::sin(radians)) * 100.0f};
    end = Rotate(end, heading_, place_);
    float range = 100;
    for (const MazeWall& wall : maze_.walls) {
      const auto meeting = Meeting(wall, end);
      if (meeting) range = std::min(range, Distance(*meeting, place_));
    }
    return range;
  }

  float GoalAngle() const {
    const MazePoint goal = Rotate(maze_.goal, -heading_, place_);
    const float x = goal.x - place_.x;
    const float y = goal.y - place_.y;
    if (x == 0) return y > 0 ? 90 : 270;
    const auto angle = static_cast<float>(std::atan(y / x) / 3.1415926 * 180.0);
    return x > 0 ? angle : static_cast<float>(angle + 180.0);
  }

  Maze maze_;
  MazePoint place_;
  float heading_;
  float speed_ = 0;
  float turning_ = 0;
  bool disabled_ = false;
};

}  // namespace dne
