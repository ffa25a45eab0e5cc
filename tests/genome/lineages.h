// SPDX-License-Identifier: MIT
// Genomes and parameters for the tests of this folder.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dne/base/error.h"
#include "dne/genome/genome.h"
#include "dne/genome/parent_cache.h"
#include "dne/random/normal.h"

namespace dne {

// As a genetic algorithm makes them: mostly children of the previous generation, one in
// `elite_every` of an individual born up to five generations earlier; items below `population`.
inline Genome Lineage(uint64_t seed, size_t mutations, uint32_t population, uint32_t elite_every,
                      float sigma = 0.002f) {
  Stream stream({.seed = seed, .purpose = Purpose::kBenchmark});
  Genome genome{.run_seed = seed, .founder = {0, stream.Below(population)}};
  for (size_t i = 0; i < mutations; ++i) {
    const uint32_t delta = stream.Below(elite_every) == 0 ? 2 + stream.Below(4) : 1;
    genome = Child(genome, {{genome.birth().generation + delta, stream.Below(population)}, sigma});
  }
  return genome;
}

// Nothing about these is usual.
inline std::vector<Genome> OddGenomes() {
  constexpr uint32_t kMax = UINT32_MAX;
  return {
      {},
      {.run_seed = UINT64_MAX, .founder = CentreBirth(kMax, kMax / 2)},
      {.run_seed = 1, .founder = {0, 0}, .mutations = {{{1, 0}, 0.0f}}},
      {.founder = {0, 0}, .mutations = {{{kMax, kMax / 2}, 1e-45f}}},
      {.run_seed = uint64_t{1} << 63,
       .founder = {5, 3},
       .mutations = {{{6, 1}, 0.1f}, {{8, 1}, 0.1f}, {{9, 7}, 3.4e38f}, {{4096, 2}, 0.1f}}},
      {.founder = CentreBirth(3, 0), .mutations = {{{4, 1}, 1e-45f, true}}},
      Lineage(3, 100, 1, 2),
      Lineage(4, 100, 1024, 1),
      Lineage(5, 1000, 1000, 8),
  };
}

inline void InitialiseForTest(const StreamId& id, std::span<float> out) {
  FillNormal(id, 0, out, Isa::kScalar);
  for (float& value : out) value *= 0.5f;
}

inline std::vector<float> Expressed(const Genome& genome, size_t size, Isa isa = Isa::kScalar) {
  std::vector<float> out(size);
  ParentCache({.num_parameters = size}, InitialiseForTest, isa).Express(genome, out);
  return out;
}

// The text of the Error that `action` throws.
template <class Action>
std::string ErrorOf(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace dne
