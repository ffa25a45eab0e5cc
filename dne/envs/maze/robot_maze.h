// SPDX-License-Identifier: MIT
// Worlds in which a robot drives through a maze to a goal: it senses walls and goal by 11 numbers,
// or sees the maze from above. The policy's two numbers are turn and drive. docs/mazes.md.
#pragma once

#include <memory>

#include "dne/envs/environment.h"
#include "dne/envs/maze/maze.h"

namespace dne {

enum class MazeReward {
  kDistance,    // at the end minus the straight-line distance to the goal
  kBreadcrumb,  // at the end minus the length of the path to it (breadcrumbs.h)
};

enum class MazeView {
  kSensors,
  kFromAbove,  // the last four pictures, 84 x 84 grey: kPictureSide
};

inline constexpr int kPictureSide = 84;
inline constexpr int kPictureStack = 4;

struct RobotMazeOptions {
  MazeReward reward = MazeReward::kDistance;
  int action_repeat = 1;       // steps of the simulation a decision
  float action_offset = 0.5f;  // added to both actions, which then are cut to [0, 1]
  // Solved is a maze by a robot that comes nearer to the goal than this: at the last step, or at
  // any, which ends the episode.
  float goal_radius = 5;
  bool solved_at_any_step = false;

  bool operator==(const RobotMazeOptions&) const = default;
};

// Decisions in an episode.
int MaxDecisions(const Maze& maze, const RobotMazeOptions& options);

// Throws Error where there is no path for breadcrumbs.
std::shared_ptr<const World> MakeRobotMaze(const Maze& maze, MazeView view,
                                           const RobotMazeOptions& options);

}  // namespace dne
