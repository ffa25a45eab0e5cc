// SPDX-License-Identifier: MIT
// Who adds up the noise of a cloud where that is not this process's threads.
#pragma once

#include <span>
#include <vector>

#include "dne/genome/perturbation.h"

namespace dne {

class NoiseSums {
 public:
  virtual ~NoiseSums() = default;

  // Over all parameters, from +0: the bits of Perturbation::AddNoise or, with `squares`, of
  // AddSquares. Blocks; called by one thread at a time.
  virtual std::vector<float> Sum(const PerturbationSpec& perturbation, const PolicyLayout& layout,
                                 std::span<const NoiseTerm> terms, bool squares) = 0;
};

}  // namespace dne
