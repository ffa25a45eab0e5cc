// SPDX-License-Identifier: MIT
// What an evolution strategy must know of policies (dne/tasks/task.h).
#pragma once

#include <cstdint>

#include "dne/algorithms/novelty_scorer.h"
#include "dne/genome/genome.h"
#include "dne/genome/policy_layout.h"

namespace dne {

struct PolicySpace {
  PolicyLayout layout;
  Initialiser initialise;
  uint32_t step_limit = 0;  // of the environment itself; 0: none
  PointOf point;
};

}  // namespace dne
