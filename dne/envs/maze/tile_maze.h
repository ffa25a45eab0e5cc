// SPDX-License-Identifier: MIT
// The two vision mazes of "Safe mutations" (1712.06563, 6.2 and 6.3): one map of squares, seen from
// above around the player, or through its eyes. What the paper leaves open is in docs/mazes.md.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "dne/envs/environment.h"

namespace dne {

// Figure 7: # wall, S start, r target, . free. The last two rows are lost in the published picture
// and follow from figure 8.
inline constexpr std::array<std::string_view, 13> kTileMap = {
    "###############",  //
    "#.#.#.#.#.#.#.#",  //
    "#.#.#.#.#.#.#.#",  //
    "#.#.#.#.#.#.#.#",  //
    "###.#.#.#.#.#.#",  //
    "#Srrrrrrrrrr..#",  //
    "###.#.#.#.#r###",  //
    "#.#.#.#.#.#r#r#",  //
    "#.#.#.#.#.#r#r#",  //
    "#.#.#.#.#.#r#r#",  //
    "###########r#r#",  //
    "###########rrr#",  //
    "###############",  //
};
inline constexpr int kTileColumns = 15;
inline constexpr int kTileRows = 13;
inline constexpr int kNumTargets = 22;
inline constexpr int kTileViewSide = 64;

// A point for each target that is touched the first time; solved with the last one.
// From above: at most 40 steps; NORTH, EAST, SOUTH, WEST, and NOOP, since the paper's network has
// five outputs for its four moves.
std::shared_ptr<const World> MakeTopdownMaze();
// At most 400 frames, four a decision: TURN_LEFT, TURN_RIGHT, FORWARD, BACK.
std::shared_ptr<const World> MakeFirstPersonMaze();

}  // namespace dne
