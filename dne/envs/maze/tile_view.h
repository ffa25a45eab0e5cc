// SPDX-License-Identifier: MIT
// What is seen of the map of squares. A place's unit is a square: column x, row y, with the middle
// of the first square at (0.5, 0.5).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dne/envs/maze/tile_maze.h"

namespace dne {

inline constexpr int kTurnParts = 64;  // directions, each the next one to the right

// Where a player stands, and where it looks: part 0 is along x, a quarter of the parts along y.
struct TilePlace {
  double x = 0;
  double y = 0;
  int direction = 0;
};

// The middles of the first square, and of the last target on the way.
inline constexpr TilePlace kTileStart = {1.5, 5.5, 0};
inline constexpr TilePlace kTileGoal = {13.5, 7.5, 0};

bool IsWall(int column, int row);  // all that lies beyond the map is

// Of a direction.
struct Unit {
  double x;
  double y;
};
Unit UnitOf(int direction);

using TileImage = std::array<uint8_t, size_t{kTileViewSide} * kTileViewSide>;

// The player's square in the middle of three by three, 21 pixels each: walls black, ground white,
// the player a grey disc. The picture's last row and column, which three squares do not fill, are
// white.
void DrawFromAbove(const TilePlace& place, TileImage& image);
// By one ray a column, as far as the first wall. Walls stand as high as they are near; those of the
// two directions have two shades, and ceiling and floor two others.
void DrawThroughEyes(const TilePlace& place, TileImage& image);

}  // namespace dne
