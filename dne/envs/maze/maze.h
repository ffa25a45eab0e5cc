// SPDX-License-Identifier: MIT
// Mazes of walls that a robot drives in, after Lehman and Stanley's novelty search, and the text
// format in which they are published (docs/mazes.md). The y axis points down in pictures.
#pragma once

#include <string_view>
#include <vector>

namespace dne {

struct MazePoint {
  float x = 0;
  float y = 0;

  bool operator==(const MazePoint&) const = default;
};

// A segment of a line.
struct MazeWall {
  MazePoint a;
  MazePoint b;

  bool operator==(const MazeWall&) const = default;
};

inline constexpr float kRobotRadius = 8;
inline constexpr int kMazeSide = 400;  // coordinates are 0 to this
inline constexpr size_t kMaxWalls = 1000;

struct Maze {
  bool disabled_by_collision = false;  // a robot that touches a wall never drives again
  int steps = 0;                       // of the simulation, an episode's
  MazePoint start;
  float heading = 0;  // at the start, degrees: 0 is along x, 90 along y
  MazePoint goal;
  std::vector<MazeWall> walls;

  bool operator==(const Maze&) const = default;
};

// Reads the published format: numbers, separated by blanks and line ends. Throws Error with
// `origin`, line, value and what to do where it is another text, or no robot could drive in it.
Maze ParseMaze(std::string_view text, std::string_view origin);

// Lehman and Stanley's, whose maps are published with the code of both (docs/mazes.md).
const Maze& HardMaze();
const Maze& MediumMaze();

// Of a point from a wall, in single precision, in the published order of operations. Walls without
// a length have no distance of their own: 0.
float Distance(MazePoint point, MazePoint other);
float Distance(const MazeWall& wall, MazePoint point);

}  // namespace dne
