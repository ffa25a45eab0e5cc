// SPDX-License-Identifier: MIT
#include "dne/genome/genome.h"

#include <cmath>

#include "dne/base/error.h"
#include "dne/random/normal.h"

namespace dne {

bool ValidSigma(float sigma) {
  return std::isfinite(sigma) && (sigma != 0 || !std::signbit(sigma));
}

Genome Child(const Genome& parent, Birth birth, float sigma) {
  DNE_CHECK(birth.generation > parent.birth().generation);
  DNE_CHECK(ValidSigma(sigma));
  Genome child = parent;
  child.mutations.push_back({birth, sigma});
  return child;
}

void ExpressGenome(const Genome& genome, const Initialiser& initialise, size_t num_mutated,
                   std::span<float> out, Isa isa) {
  DNE_CHECK(!IsCentre(genome.founder) || genome.founder.generation == 0);
  initialise({.seed = genome.run_seed,
              .generation = genome.founder.generation,
              .item = genome.founder.item,
              .purpose = Purpose::kFounder},
             out);
  for (const Mutation& mutation : genome.mutations) {
    ExpressMutation(genome.run_seed, mutation, out.first(num_mutated), {}, out.first(num_mutated),
                    isa);
  }
}

namespace {

StreamId NoiseOf(uint64_t run_seed, const Mutation& mutation) {
  return {.seed = run_seed,
          .generation = mutation.birth.generation,
          .item = mutation.noise_item(),
          .purpose = Purpose::kMutation};
}

}  // namespace

void ExpressMutation(uint64_t run_seed, const Mutation& mutation, std::span<const float> parent,
                     std::span<const float> spreads, std::span<float> out, Isa isa) {
  AddNormal(NoiseOf(run_seed, mutation), mutation.sigma, parent, out, isa, spreads);
}

bool AreMirrored(const Genome& first, const Genome& second) {
  if (first.mutations.empty() || first.mutations.size() != second.mutations.size()) return false;
  const Mutation& a = first.mutations.back();
  if (a.sigma <= 0 || second.mutations.back().sigma != -a.sigma) return false;
  Genome expected = first;
  expected.mutations.back() = {.birth = {a.birth.generation, a.birth.item + 1}, .sigma = -a.sigma};
  return second == expected;
}

void ExpressPair(uint64_t run_seed, const Mutation& mutation, std::span<const float> parent,
                 std::span<const float> spreads, std::span<float> first, std::span<float> second,
                 Isa isa) {
  AddNormalPair(NoiseOf(run_seed, mutation), mutation.sigma, parent, first, second, isa, spreads);
}

}  // namespace dne
