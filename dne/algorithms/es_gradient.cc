// SPDX-License-Identifier: MIT
#include "dne/algorithms/es_gradient.h"

#include <algorithm>

namespace dne {
namespace {

// What one thread takes at a time: a multiple of four numbers, as noise comes.
constexpr size_t kShare = 16 * 1024;

}  // namespace

std::vector<NoiseTerm> NoiseTerms(uint64_t run_seed, uint32_t generation, bool antithetic,
                                  std::span<const double> weights) {
  const size_t stride = antithetic ? 2 : 1;
  std::vector<NoiseTerm> terms;
  for (size_t i = 0; i < weights.size(); i += stride) {
    const double weight = antithetic ? weights[i] - weights[i + 1] : weights[i];
    terms.push_back({.id = {.seed = run_seed,
                            .generation = generation,
                            .item = static_cast<uint32_t>(i),
                            .purpose = Purpose::kMutation},
                     .weight = static_cast<float>(weight)});
  }
  return terms;
}

std::vector<float> EsGradient(std::span<const NoiseTerm> terms, size_t num_parameters,
                              const ParallelFor& parallel, Isa isa) {
  std::vector<float> gradient(num_parameters, 0.0f);
  parallel((num_parameters + kShare - 1) / kShare, [&](size_t share) {
    const size_t first = share * kShare;
    const size_t size = std::min(kShare, num_parameters - first);
    AddWeightedNoise(terms, first, std::span(gradient).subspan(first, size), isa);
  });
  return gradient;
}

}  // namespace dne
