// SPDX-License-Identifier: MIT
// From a configuration to the things it names.
#pragma once

#include <memory>

#include "dne/algorithms/algorithm.h"
#include "dne/algorithms/policy_space.h"
#include "dne/envs/atari/atari.h"
#include "dne/envs/mujoco/mujoco.h"
#include "dne/experiment/config.h"
#include "dne/nn/network.h"
#include "dne/store/store.h"
#include "dne/tasks/task.h"

namespace dne {

// The task with what it was made of, for those who look inside (replay, genome export).
struct Setup {
  std::shared_ptr<const AtariGame> game;    // of an Atari task
  std::shared_ptr<const MujocoModel> body;  // of a MuJoCo task
  std::shared_ptr<const Network> network;
  std::shared_ptr<const std::vector<uint8_t>> reference_batch;  // of virtual batch normalisation
  std::unique_ptr<Task> task;
};

// Boots the game or loads the body. A network with virtual batch normalisation takes the reference
// batch that is given, else plays it from the run's seed. Throws Error where the network does not
// fit the task.
Setup MakeSetup(const ExperimentConfig& config,
                std::shared_ptr<const std::vector<uint8_t>> reference_batch = nullptr);

// What a run's store keeps of a set-up, and back; null where the run has none.
std::map<std::string, std::vector<uint8_t>> AttachmentsOf(const Setup& setup);
std::shared_ptr<const std::vector<uint8_t>> ReferenceBatchOf(const RunInfo& info);

// What an evolution strategy must know of the task, which must outlive it.
PolicySpace SpaceOf(const Task& task, Isa isa);

// Updates that take long run on `threads` threads; neither they nor the code path show in a result.
std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config, const Task& task,
                                         int threads, Isa isa);

}  // namespace dne
