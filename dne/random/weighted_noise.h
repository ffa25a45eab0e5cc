// SPDX-License-Identifier: MIT
// The inner kernel of evolution strategies: a weighted sum of many noise streams (1703.03864,
// algorithm 1, step 6), the noise generated anew instead of looked up in a table.
#pragma once

#include <cstddef>
#include <span>

#include "dne/base/isa.h"
#include "dne/random/stream.h"

namespace dne {

struct NoiseTerm {
  StreamId id;
  float weight = 0;
};

// For every term in order: out[j] = fma(weight, normal number `first + j` of its stream, out[j]).
// Terms of weight 0 are skipped. first must be a multiple of 4. Cutting `out` into parts (at
// multiples of 4) changes no bit, so threads may share one sum.
void AddWeightedNoise(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                      Isa isa);

// What the deviations of a search distribution follow (PGPE). For every term in order:
// out[j] += weight * (n * n - 1), n being normal number `first + j` of its stream; all else as
// above.
void AddWeightedSquares(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                        Isa isa);

// For every term in order: out[j] += weight * sign number `first + j` of its stream (signs.h). All
// else as above, but for first and cuts: at multiples of kSignsOfBlock.
void AddWeightedSigns(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                      Isa isa);

}  // namespace dne
