// SPDX-License-Identifier: MIT
// Mazes as configurations choose them.
#pragma once

#include <string>

#include "dne/envs/maze/robot_maze.h"
#include "dne/envs/world_kind.h"

namespace dne {

struct MazeWorldOptions {
  std::string environment = "hard_maze";
  std::string maze;        // of the custom one: its text
  RobotMazeOptions robot;  // where a robot drives

  void Visit(Fields& fields);
  bool operator==(const MazeWorldOptions&) const = default;
};

// All mazes there are, sorted.
std::vector<std::string> MazeNames();

extern const WorldKind kMazeKind;

}  // namespace dne
