// SPDX-License-Identifier: MIT
// What an evolution strategy must know of a policy's numbers (dne/tasks/task.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dne/algorithms/novelty_scorer.h"
#include "dne/genome/genome.h"

namespace dne {

// The numbers of a centre, in this order; the first two parts are the policy.
struct CentreParts {
  std::span<float> parameters;
  std::span<float> normaliser;  // means, then 1 / deviations
  std::span<float> spreads;     // of an update that has them, else empty
};

struct PolicySpace {
  size_t num_parameters = 0;
  size_t num_normalised = 0;
  Initialiser initialise;
  uint32_t step_limit = 0;  // of the environment itself; 0: none
  PointOf point;

  size_t policy_size() const { return num_parameters + 2 * num_normalised; }
  CentreParts PartsOf(std::span<float> centre) const {
    return {.parameters = centre.first(num_parameters),
            .normaliser = centre.subspan(num_parameters, 2 * num_normalised),
            .spreads = centre.subspan(policy_size())};
  }
};

}  // namespace dne
