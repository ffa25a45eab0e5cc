// SPDX-License-Identifier: MIT
// The decoded parents of the generation in work, so that a child is one pass of noise.
#pragma once

#include <cstddef>
#include <map>
#include <span>

#include "dne/base/float_buffer.h"
#include "dne/genome/genome.h"
#include "dne/genome/perturbation.h"
#include "dne/genome/policy_layout.h"

namespace dne {

class ParentCache {
 public:
  // All genomes of one cache belong to one run and decode to policies of this layout.
  ParentCache(PolicyLayout layout, Initialiser initialise, Isa isa);

  // Holds exactly `parents` and `centres` from now on, whose mutations are of the given kind;
  // blocks while it decodes them, each from its own parent where that is still held. Frees what is
  // no longer needed as early as it can: there are never more vectors than held before or held
  // after, whichever is more. Not thread-safe.
  void Hold(std::span<const Genome> parents, std::span<const Centre> centres = {},
            PerturbationKind perturbation = PerturbationKind::kGaussian);

  // The genome's parameters, into `out`: a copy of a held parent, a child of one, or decoded from
  // scratch; the same bits each way. Thread-safe between calls of Hold.
  void Express(const Genome& genome, std::span<float> out) const;

  // A member of a held parent's cloud and its mirror image (AreMirrored), both at once: the same
  // bits as Express of each. Thread-safe likewise.
  void ExpressPair(const Genome& genome, std::span<float> first, std::span<float> second) const;

  size_t held() const { return held_.size(); }

 private:
  struct Work;

  FloatBuffer Decode(const Genome& genome, Work& work);
  void Mutate(const Genome& genome, std::span<const float> parent, std::span<float> out) const;
  ParentView ViewOf(std::span<const float> numbers) const;
  void CopyNormaliser(std::span<const float> parent, std::span<float> out) const;
  std::span<const float> Find(Birth birth) const;

  PolicyLayout layout_;
  const Perturbation* perturbation_ = &PerturbationOf(PerturbationKind::kGaussian);
  Initialiser initialise_;
  Isa isa_;
  std::map<Birth, FloatBuffer> held_;
  std::map<Birth, Centre> centres_;
};

}  // namespace dne
