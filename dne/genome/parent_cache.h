// SPDX-License-Identifier: MIT
// The decoded parents of the generation in work, so that a child is one pass of noise.
#pragma once

#include <cstddef>
#include <map>
#include <span>

#include "dne/base/float_buffer.h"
#include "dne/genome/genome.h"

namespace dne {

class ParentCache {
 public:
  // All genomes of one cache belong to one run and decode to `policy_size` numbers, the first
  // `num_parameters` of which mutate.
  ParentCache(size_t num_parameters, size_t policy_size, Initialiser initialise, Isa isa);

  // Holds exactly `parents` and `centres` from now on; blocks while it decodes them, each from its
  // own parent where that is still held. Frees what is no longer needed as early as it can: there
  // are never more vectors than held before or held after, whichever is more. Not thread-safe.
  void Hold(std::span<const Genome> parents, std::span<const Centre> centres = {});

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
  std::span<const float> Find(Birth birth) const;

  size_t num_parameters_;
  size_t policy_size_;
  Initialiser initialise_;
  Isa isa_;
  std::map<Birth, FloatBuffer> held_;
  std::map<Birth, Centre> centres_;
};

}  // namespace dne
