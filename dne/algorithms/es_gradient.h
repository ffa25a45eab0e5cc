// SPDX-License-Identifier: MIT
// The gradient of an evolution strategy: the sum of its cloud's noise, weighted by the scores
// (1703.03864, algorithm 1). The parameters are walked in blocks that stay in the cache and the
// noise is generated again: no matrix of members, no table of noise.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/random/weighted_noise.h"

namespace dne {

// One weight a member, in index order, antithetic pairs next to each other, to one term a stream
// of noise: of a pair its members' difference.
std::vector<NoiseTerm> NoiseTerms(uint64_t run_seed, uint32_t generation, bool antithetic,
                                  std::span<const double> weights);

// Sum over terms of weight * noise. The same bits for every `parallel` and `isa`.
std::vector<float> EsGradient(std::span<const NoiseTerm> terms, size_t num_parameters,
                              const ParallelFor& parallel, Isa isa);

// The gradient of the widths of an antithetic cloud (Sehnke et al. 2010, PGPE, symmetric sampling):
// sum over pairs of (their weights - the mean pair's) * (noise^2 - 1). The same bits likewise.
std::vector<float> WidthGradient(uint64_t run_seed, uint32_t generation,
                                 std::span<const double> weights, size_t num_parameters,
                                 const ParallelFor& parallel, Isa isa);

}  // namespace dne
