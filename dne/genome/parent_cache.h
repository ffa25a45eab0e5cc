// SPDX-License-Identifier: MIT
// The decoded parents of the generation in work, so that a child is one pass of noise.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "dne/genome/genome.h"

namespace dne {

class ParentCache {
 public:
  // All genomes of one cache belong to one run and decode to `num_parameters` values.
  ParentCache(size_t num_parameters, Initialiser initialise, Isa isa);

  // Holds exactly `parents` from now on; blocks while it decodes them, each from its own parent
  // where that is still held. Frees what is no longer needed as early as it can: there are never
  // more vectors than held before or held after, whichever is more. Not thread-safe.
  void Hold(std::span<const Genome> parents);

  // The genome's parameters, into `out`: a copy of a held parent, a child of one, or decoded from
  // scratch; the same bits each way. Thread-safe between calls of Hold.
  void Express(const Genome& genome, std::span<float> out) const;

  size_t held() const { return held_.size(); }

 private:
  static constexpr std::align_val_t kAlignment{64};  // a cache line, an AVX-512 register
  struct Deallocate {
    void operator()(float* values) const;
  };
  using Vector = std::unique_ptr<float[], Deallocate>;  // num_parameters_ values
  struct Work;

  Vector Decode(const Genome& genome, Work& work);
  const Vector* Find(Birth birth) const;
  std::span<float> View(const Vector& vector) const { return {vector.get(), num_parameters_}; }

  size_t num_parameters_;
  Initialiser initialise_;
  Isa isa_;
  std::map<Birth, Vector> held_;
};

}  // namespace dne
