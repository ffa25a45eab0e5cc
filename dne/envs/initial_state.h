// SPDX-License-Identifier: MIT
// Random initial states: what an episode's seed says about them.
#pragma once

#include <cstdint>

#include "dne/random/stream.h"

namespace dne {

inline StreamId InitialStateStream(uint64_t seed, uint32_t item = 0) {
  return {.seed = seed, .generation = 0, .item = item, .purpose = Purpose::kInitialState};
}

// Uniform in [0, 1): 53 random bits.
inline double NextUnit(Stream& stream) {
  return static_cast<double>(stream.Next64() >> 11) * 0x1p-53;
}

}  // namespace dne
