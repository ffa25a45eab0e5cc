// SPDX-License-Identifier: MIT
// An Atari game played by a network: the action is the largest output, the first one on ties.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dne/envs/atari/atari.h"
#include "dne/nn/network.h"
#include "dne/tasks/task.h"

namespace dne {

// The network's input and outputs must fit the game's observation and actions. `reference_batch`:
// observations, one after the other, where the network has virtual batch normalisation; else null.
std::unique_ptr<Task> MakeAtariTask(
    std::shared_ptr<const AtariGame> game, std::shared_ptr<const Network> network,
    std::shared_ptr<const std::vector<uint8_t>> reference_batch = nullptr);

// The first 128 observations of uniformly random play, a game after the other (the released code's
// get_ref_batch); a function of the run's seed.
std::shared_ptr<const std::vector<uint8_t>> MakeReferenceBatch(const AtariGame& game,
                                                               uint64_t run_seed);

// The network a game asks for: its observation in, one output an action.
std::shared_ptr<const Network> MakeAtariNetwork(const AtariGame& game, const NetworkSpec& spec);

}  // namespace dne
