// SPDX-License-Identifier: MIT
#include "dne/genome/genome.h"

#include <cmath>

#include "dne/base/error.h"

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

namespace {

Noise NoiseOf(uint64_t run_seed, const Mutation& mutation) {
  return {.stream = {.seed = run_seed,
                     .generation = mutation.birth.generation,
                     .item = mutation.noise_item(),
                     .purpose = Purpose::kMutation},
          .sigma = mutation.sigma};
}

}  // namespace

void ExpressGenome(const Genome& genome, const Initialiser& initialise, const PolicyLayout& layout,
                   const Perturbation& perturbation, std::span<float> policy, Isa isa) {
  DNE_CHECK(!IsCentre(genome.founder) || genome.founder.generation == 0);
  DNE_CHECK(policy.size() == layout.policy_size());
  initialise({.seed = genome.run_seed,
              .generation = genome.founder.generation,
              .item = genome.founder.item,
              .purpose = Purpose::kFounder},
             policy);
  const auto parts = layout.PartsOf(policy);
  const ParentView parent{
      .parameters = parts.parameters, .spreads = parts.spreads, .layout = layout};
  for (const Mutation& mutation : genome.mutations) {
    perturbation.Perturb(NoiseOf(genome.run_seed, mutation), parent, parts.parameters, isa);
  }
}

Noise LastNoise(const Genome& genome) { return NoiseOf(genome.run_seed, genome.mutations.back()); }

bool AreMirrored(const Genome& first, const Genome& second) {
  if (first.mutations.empty() || first.mutations.size() != second.mutations.size()) return false;
  const Mutation& a = first.mutations.back();
  if (a.sigma <= 0 || second.mutations.back().sigma != -a.sigma) return false;
  Genome expected = first;
  expected.mutations.back() = {.birth = {a.birth.generation, a.birth.item + 1}, .sigma = -a.sigma};
  return second == expected;
}

}  // namespace dne
