// SPDX-License-Identifier: MIT
// An Atari game played by a network: the action is the largest output, the first one on ties.
#pragma once

#include <memory>

#include "dne/envs/atari/atari.h"
#include "dne/nn/network.h"
#include "dne/tasks/task.h"

namespace dne {

// The network's input and outputs must fit the game's observation and actions.
std::unique_ptr<Task> MakeAtariTask(std::shared_ptr<const AtariGame> game,
                                    std::shared_ptr<const Network> network);

// The network a game asks for: its observation in, one output an action.
std::shared_ptr<const Network> MakeAtariNetwork(const AtariGame& game, const NetworkSpec& spec);

}  // namespace dne
