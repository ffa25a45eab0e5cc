// SPDX-License-Identifier: MIT
// Players of episodes in a world: environments step on the processor, and what all of a player's
// lanes see goes through their members' networks on the device at once. Private to the evaluator.
#pragma once

#include <memory>

#include "dne/gpu/player.h"

namespace dne::gpu {

// Throws Error, saying why, where the device does not run such networks.
void CheckRunsOnDevice(const Network& network);

// The table's task has episodes.
std::unique_ptr<Player> MakeEpisodePlayer(const Table& table);

}  // namespace dne::gpu
