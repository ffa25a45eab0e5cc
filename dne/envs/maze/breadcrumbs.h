// SPDX-License-Identifier: MIT
// How far it is to a maze's goal on foot: the fitness of "Safe mutations" (1712.06563, 6.1), whose
// released code looks it up in an array that comes with it. The array holds the lengths of shortest
// paths on a grid of 400 x 400 cells, from cell to neighbouring cell, around walls that are drawn
// 12 cells wide; drawn as here, it comes out number for number in what is known of it
// (docs/mazes.md).
#pragma once

#include <cstdint>
#include <vector>

#include "dne/envs/maze/maze.h"

namespace dne {

class Breadcrumbs {
 public:
  // Throws Error where the goal lies within a wall, or no path leads to the start.
  explicit Breadcrumbs(const Maze& maze);

  // Steps from the cell of the point to that of the goal; where no path leads, and beyond the grid,
  // one more than from the farthest cell.
  int PathLength(MazePoint point) const;

  int num_reachable() const { return num_reachable_; }  // cells, the goal's among them
  int longest() const { return longest_; }

 private:
  void DrawWall(const MazeWall& wall);
  void DrawLine(int x, int y, int to_x, int to_y);
  void Flood(int x, int y);

  std::vector<int32_t> lengths_;  // kMazeSide rows of x, each of y
  int num_reachable_ = 0;
  int longest_ = 0;
};

}  // namespace dne
