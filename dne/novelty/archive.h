// SPDX-License-Identifier: MIT
// The archive of novelty search (1712.06560, section 3.1; 1712.06567, section 3.2): behaviours seen
// before, and how new others are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/novelty/distance.h"
#include "dne/novelty/k_smallest.h"

namespace dne {

// A value. Trajectories are kept packed; novelty unpacks them block by block, about 64 MiB at a
// time however large the archive and the batch are.
class Archive {
 public:
  explicit Archive(BehaviourDistance distance) : distance_(distance) {}

  // Of the distance's kind. Throws Error where a coordinate is not finite, or a point of another
  // size than those before.
  void Add(Behaviour behaviour);

  size_t size() const { return behaviours_.size(); }
  bool Contains(const Behaviour& behaviour) const;

  // Of each behaviour the mean distance to the `nearest` nearest ones of the archive (all, where it
  // has fewer), nearest first in the sum; 0 while the archive is empty, where all are equally new.
  // Exact. An archived behaviour equal to this one counts, with distance 0. nearest >= 1. Throws
  // Error where a trajectory is damaged, and as Add. The same bits for every `parallel` and `isa`;
  // many at once are faster than one by one.
  std::vector<double> NoveltyOfAll(std::span<const Behaviour> behaviours, size_t nearest,
                                   const ParallelFor& parallel, Isa isa) const;

  // The same of behaviours that the archive holds already: the entry of each does not count.
  std::vector<double> NoveltyOfArchived(std::span<const Behaviour> behaviours, size_t nearest,
                                        const ParallelFor& parallel, Isa isa) const;

  // Of a population's behaviours, none of which need be archived: the nearest ones of archive and
  // population together; each one's own does not count, an equal one of another does.
  std::vector<double> NoveltyOfPopulation(std::span<const Behaviour> behaviours, size_t nearest,
                                          const ParallelFor& parallel, Isa isa) const;

  void Save(ByteWriter& out) const;
  // Replaces what is there. Throws Error where the bytes are damaged.
  void Restore(ByteReader& in);

 private:
  void ExpectFits(const Behaviour& behaviour) const;
  // Of each behaviour the scores of its `count` nearest among the archived and `others`, or of all.
  std::vector<novelty::KSmallest> Search(std::span<const Behaviour> behaviours,
                                         std::span<const Behaviour> others, size_t count,
                                         const ParallelFor& parallel, Isa isa) const;
  std::vector<double> NoveltyAmongOthers(std::span<const Behaviour> behaviours,
                                         std::span<const Behaviour> others, size_t nearest,
                                         const ParallelFor& parallel, Isa isa) const;
  double MeanDistance(std::span<const double> scores) const;

  BehaviourDistance distance_;
  std::vector<Behaviour> behaviours_;
};

}  // namespace dne
