// SPDX-License-Identifier: MIT
#include "dne/genome/genome.h"

#include <algorithm>
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

Noise NoiseOf(uint64_t run_seed, const Mutation& mutation) {
  return {.stream = {.seed = run_seed,
                     .generation = mutation.birth.generation,
                     .item = mutation.noise_item(),
                     .purpose = Purpose::kMutation},
          .sigma = mutation.sigma,
          .mirrored = mutation.mirrored};
}

StreamId BirthEpisodes(uint64_t run_seed, Birth individual) {
  return {.seed = run_seed,
          .generation = individual.generation,
          .item = individual.code(),
          .purpose = Purpose::kTrainEpisode};
}

bool AreSiblings(const Genome& first, const Genome& second) {
  return first.run_seed == second.run_seed && first.founder == second.founder &&
         first.mutations.size() == second.mutations.size() && !first.mutations.empty() &&
         std::equal(first.mutations.begin(), first.mutations.end() - 1, second.mutations.begin());
}

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
