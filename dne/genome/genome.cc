// SPDX-License-Identifier: MIT
#include "dne/genome/genome.h"

#include <cmath>

#include "dne/base/error.h"

namespace dne {

Mutation Mutation::FromSigned(Birth birth, float signed_sigma) {
  return {.birth = birth, .sigma = std::abs(signed_sigma), .mirrored = signed_sigma < 0};
}

bool Mutation::IsValid() const {
  if (birth.is_centre || !ValidSignedSigma(sigma) || sigma < 0) return false;
  return !mirrored || (sigma > 0 && birth.item > 0);
}

bool ValidSignedSigma(float signed_sigma) {
  return std::isfinite(signed_sigma) && (signed_sigma != 0 || !std::signbit(signed_sigma));
}

Genome Child(const Genome& parent, const Mutation& mutation) {
  DNE_CHECK(mutation.birth.generation > parent.birth().generation);
  DNE_CHECK(mutation.IsValid());
  Genome child = parent;
  child.mutations.push_back(mutation);
  return child;
}

namespace {

Noise NoiseOf(uint64_t run_seed, const Mutation& mutation) {
  return {.stream = {.seed = run_seed,
                     .generation = mutation.birth.generation,
                     .item = mutation.noise_item(),
                     .purpose = Purpose::kMutation},
          .sigma = mutation.sigma,
          .mirrored = mutation.mirrored};
}

}  // namespace

void ExpressGenome(const Genome& genome, const Initialiser& initialise, const PolicyLayout& layout,
                   const Perturbation& perturbation, std::span<float> policy, Isa isa) {
  DNE_CHECK(!genome.founder.is_centre || genome.founder.generation == 0);
  DNE_CHECK(policy.size() == layout.policy_size());
  initialise({.seed = genome.run_seed,
              .generation = genome.founder.generation,
              .item = genome.founder.code(),
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
  if (a.mirrored || !second.mutations.back().mirrored) return false;
  Genome expected = first;
  expected.mutations.back() = {
      .birth = {a.birth.generation, a.birth.item + 1}, .sigma = a.sigma, .mirrored = true};
  return second == expected;
}

}  // namespace dne
