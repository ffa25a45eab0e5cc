// SPDX-License-Identifier: MIT
// The robot of the deceptive mazes as published with 1712.06567 (maze.h of its GPU code): every
// number single, the order of every operation theirs, pi = 3.1415926. The simulator of Lehman and
// Stanley, whose robot it is, differs in nothing that this one does.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "dne/envs/maze/maze.h"

namespace dne {

inline constexpr int kNumRangeFinders = 6;
inline constexpr int kNumSensors = 1 + kNumRangeFinders + 4;
inline constexpr float kRange = 100;  // of a range finder

// The walls of a maze, as all its robots read them: laid out for vectors, whose every lane computes
// what Distance and the plain intersection of two segments do, bit for bit.
class WallTable {
 public:
  explicit WallTable(std::span<const MazeWall> walls);

  // Whether a wall is nearer than the robot's radius.
  bool Touches(MazePoint centre) const;
  // From `from` to the first wall on the way to each end; kRange where there is none before it.
  // Walls that end on the ray, or at whose end it ends, are not seen.
  std::array<float, kNumRangeFinders> Ranges(
      MazePoint from, std::span<const MazePoint, kNumRangeFinders> ends) const;

 private:
  static constexpr size_t kLanes = 8;
  // b - a, and the square of its length as Distance has it. Behind the last wall there are points,
  // which are found by nothing.
  struct Block {
    std::array<float, kLanes> ax{}, ay{}, bx{}, by{}, dx{}, dy{}, squared{};
  };
  // Of each range finder, to the nearest of the walls in each lane.
  using Squares = std::array<std::array<float, kLanes>, kNumRangeFinders>;

  static void Approach(const Block& walls, MazePoint from,
                       std::span<const MazePoint, kNumRangeFinders> ends, Squares& nearest);

  std::vector<Block> blocks_;
};

class Robot {
 public:
  // Both outlive it.
  Robot(const Maze& maze, const WallTable& walls) : maze_(maze), walls_(walls) { Reset(); }

  void Reset();
  // One step of the simulation. Both are cut to [0, 1]: 0.5 is straight on, and standing still.
  void Step(float turn, float drive);

  // A bias, the range finders at -90, -45, 0, 45, 90 and 180 degrees, as shares of their range, and
  // which quarter the goal lies in: ahead, towards 90 degrees, behind, towards 270 degrees.
  void Sense(std::span<float, kNumSensors> out) const;

  MazePoint location() const { return location_; }
  float heading() const { return heading_; }  // degrees
  float DistanceToGoal() const { return Distance(location_, maze_.goal); }

 private:
  int QuarterOfGoal() const;

  const Maze& maze_;
  const WallTable& walls_;

  MazePoint location_;
  float heading_ = 0;
  float speed_ = 0;             // units a step
  float angular_velocity_ = 0;  // degrees a step
  bool disabled_ = false;
};

}  // namespace dne
