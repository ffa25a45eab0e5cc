// SPDX-License-Identifier: MIT
// From a configuration to the things it names.
#pragma once

#include <memory>

#include "dne/algorithms/algorithm.h"
#include "dne/envs/atari/atari.h"
#include "dne/experiment/config.h"
#include "dne/nn/network.h"
#include "dne/tasks/task.h"

namespace dne {

// The task with what it was made of, for those who look inside (replay, genome export).
struct Setup {
  std::shared_ptr<const AtariGame> game;
  std::shared_ptr<const Network> network;
  std::unique_ptr<Task> task;
};

// Boots the game. Throws Error where the network does not fit it.
Setup MakeSetup(const TaskConfig& task, const NetworkSpec& network);

std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config);

}  // namespace dne
