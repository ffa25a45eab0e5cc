// SPDX-License-Identifier: MIT
#include "dne/algorithms/es_gradient.h"

#include <algorithm>

#include "dne/base/statistics.h"

namespace dne {
namespace {

// What one thread takes at a time: a multiple of four numbers, as noise comes.
constexpr size_t kShare = 16 * 1024;

NoiseTerm Term(uint64_t run_seed, uint32_t generation, size_t item, double weight) {
  return {.id = {.seed = run_seed,
                 .generation = generation,
                 .item = static_cast<uint32_t>(item),
                 .purpose = Purpose::kMutation},
          .weight = static_cast<float>(weight)};
}

// add(terms, first, out, isa) for shares of the parameters.
template <class Add>
std::vector<float> Sum(std::span<const NoiseTerm> terms, size_t num_parameters,
                       const ParallelFor& parallel, Isa isa, const Add& add) {
  std::vector<float> sum(num_parameters, 0.0f);
  parallel((num_parameters + kShare - 1) / kShare, [&](size_t share) {
    const size_t first = share * kShare;
    const size_t size = std::min(kShare, num_parameters - first);
    add(terms, first, std::span(sum).subspan(first, size), isa);
  });
  return sum;
}

}  // namespace

std::vector<NoiseTerm> NoiseTerms(uint64_t run_seed, uint32_t generation, bool antithetic,
                                  std::span<const double> weights) {
  const size_t stride = antithetic ? 2 : 1;
  std::vector<NoiseTerm> terms;
  for (size_t i = 0; i < weights.size(); i += stride) {
    const double weight = antithetic ? weights[i] - weights[i + 1] : weights[i];
    terms.push_back(Term(run_seed, generation, i, weight));
  }
  return terms;
}

std::vector<float> EsGradient(std::span<const NoiseTerm> terms, size_t num_parameters,
                              const ParallelFor& parallel, Isa isa) {
  return Sum(terms, num_parameters, parallel, isa, AddWeightedNoise);
}

std::vector<float> WidthGradient(uint64_t run_seed, uint32_t generation,
                                 std::span<const double> weights, size_t num_parameters,
                                 const ParallelFor& parallel, Isa isa) {
  const double mean_pair = 2 * Mean(weights);
  std::vector<NoiseTerm> terms;
  for (size_t i = 0; i < weights.size(); i += 2) {
    terms.push_back(Term(run_seed, generation, i, weights[i] + weights[i + 1] - mean_pair));
  }
  return Sum(terms, num_parameters, parallel, isa, AddWeightedSquares);
}

}  // namespace dne
