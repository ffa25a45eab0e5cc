// SPDX-License-Identifier: MIT
// The archive of novelty search (1712.06560, section 3.1): behaviours seen before, and how new
// another one is.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/novelty/distance.h"

namespace dne {

// A value. Trajectories are kept packed; novelty unpacks them block by block, about 64 MiB at a
// time however large the archive and the batch are.
class Archive {
 public:
  explicit Archive(BehaviourDistance distance) : distance_(distance) {}

  // Of the distance's kind, points of equal size. Throws Error where a coordinate is not finite.
  void Add(Behaviour behaviour);

  size_t size() const { return behaviours_.size(); }

  // The mean distance to the `nearest` nearest behaviours of the archive (all, where it has fewer),
  // nearest first in the sum; 0 while the archive is empty, where all are equally new. Exact. An
  // archived behaviour equal to this one counts, with distance 0. nearest >= 1. Throws Error where
  // a trajectory is damaged or a coordinate not finite.
  double Novelty(const Behaviour& behaviour, size_t nearest, Isa isa) const;

  // The same of many at once, which is faster than one by one. The same bits for every `parallel`
  // and `isa`.
  std::vector<double> NoveltyOfAll(std::span<const Behaviour> behaviours, size_t nearest,
                                   const ParallelFor& parallel, Isa isa) const;

  // The same of behaviours that the archive holds already: the entry of each does not count.
  std::vector<double> NoveltyOfArchived(std::span<const Behaviour> behaviours, size_t nearest,
                                        const ParallelFor& parallel, Isa isa) const;

  void Save(ByteWriter& out) const;
  // Replaces what is there. Throws Error where the bytes are damaged.
  void Restore(ByteReader& in);

 private:
  // Of each behaviour its `count` nearest, or all, nearest first.
  std::vector<std::vector<double>> Distances(std::span<const Behaviour> behaviours, size_t count,
                                             const ParallelFor& parallel, Isa isa) const;

  BehaviourDistance distance_;
  std::vector<Behaviour> behaviours_;
};

}  // namespace dne
