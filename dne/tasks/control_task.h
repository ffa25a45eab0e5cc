// SPDX-License-Identifier: MIT
// Continuous control: a network sees numbers, its outputs are the actions.
#pragma once

#include <functional>
#include <memory>

#include "dne/envs/control_environment.h"
#include "dne/nn/network.h"
#include "dne/tasks/task.h"

namespace dne {

struct ControlOptions {
  bool normalise_observations = false;  // (x - mean) / deviation, as learned with the policy ...
  float observation_clip = 5;           // ... and cut to this on both sides; 0: not cut
  // Of perturbed policies only: whether the bonus for not falling counts, and the standard
  // deviation of normal noise on the actions.
  bool train_with_bonus = true;
  float action_noise = 0;

  bool operator==(const ControlOptions&) const = default;
};

using ControlFactory = std::function<std::unique_ptr<ControlEnvironment>()>;

// Each episode has a seed of its own. One that breaks the simulation down (EpisodeEnd::kInvalid)
// scores what it had, but never more than 0: no policy gains by it. The network takes the
// environment's observations and gives its actions; `make` is called once a worker, from any
// thread.
std::unique_ptr<Task> MakeControlTask(const ControlSpec& spec, ControlFactory make,
                                      std::shared_ptr<const Network> network,
                                      const ControlOptions& options);

std::shared_ptr<const Network> MakeControlNetwork(const ControlSpec& spec,
                                                  const NetworkSpec& network);

}  // namespace dne
