// SPDX-License-Identifier: MIT
// The decoded parents of the generation in work, so that a child is one pass of noise.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "dne/genome/genome.h"

namespace dne {

class ParentCache {
 public:
  // All genomes of one cache belong to one run and decode to `num_parameters` values.
  ParentCache(size_t num_parameters, Initialiser initialise, Isa isa);

  // Holds exactly `parents` from now on; blocks while it decodes them, each from its own parent
  // where that is still held. Frees what is no longer needed as early as it can, so that the peak
  // stays near parents.size() vectors. Not thread-safe.
  void Hold(std::span<const Genome> parents);

  // The genome's parameters, into `out`: a copy of a held parent, a child of one, or decoded from
  // scratch; the same bits each way. Thread-safe between calls of Hold.
  void Express(const Genome& genome, std::span<float> out) const;

  size_t held() const { return parameters_.size(); }

 private:
  using Vector = std::vector<float>;
  const Vector* Find(Birth birth) const;

  size_t num_parameters_;
  Initialiser initialise_;
  Isa isa_;
  std::map<Birth, std::unique_ptr<Vector>> parameters_;
};

}  // namespace dne
