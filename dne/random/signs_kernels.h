// SPDX-License-Identifier: MIT
// Inside of the signs: what the plain reference and the vector kernels share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dne/base/isa.h"
#include "dne/random/stream.h"

namespace dne::signs {

// One call of AddSigns or AddSignsPair, one term of AddWeightedSigns.
struct Job {
  StreamId id;
  uint32_t first_block = 0;
  float sigma = 1;
  const float* base = nullptr;
  float* out = nullptr;    // base + sigma * sign
  float* minus = nullptr;  // none, or base - sigma * sign
  size_t size = 0;
};

// Writes the whole job. A stream ends after 2^32 blocks.
void Run(const Job& job, Isa isa);

// Its code paths; all the same bits.
void RunScalar(const Job& job);
template <Isa>
void RunVector(const Job& job);

}  // namespace dne::signs
