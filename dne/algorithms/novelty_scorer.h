// SPDX-License-Identifier: MIT
// Novelty of what policies did (1712.06560, section 3.1; 1712.06567, section 3.2): behaviours of
// results, the archive, and how far from it they are. Knows nothing of who asks.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/config/field.h"
#include "dne/config/mistakes.h"
#include "dne/novelty/archive.h"
#include "dne/plan/plan.h"
#include "dne/plan/task_facts.h"

namespace dne {

// The section [novelty] of algorithms that seek it.
struct NoveltyOptions {
  int nearest = 10;  // k
  BehaviourDistance distance = BehaviourDistance::kSquaredEuclidean;

  void Visit(Fields& fields);
  void Check(const TaskFacts& task, Mistakes& mistakes) const;
  bool operator==(const NoveltyOptions&) const = default;
};

// What an episode's descriptor says, as numbers (Task::Point).
using PointOf = std::function<std::vector<double>(std::span<const uint8_t>)>;

class NoveltyScorer {
 public:
  NoveltyScorer(const NoveltyOptions& options, PointOf point, ParallelFor parallel, Isa isa);

  // Whether items must ask for trajectories.
  bool needs_trajectories() const { return IsOfTrajectories(options_.distance); }
  // Points are averaged over a result's episodes; of trajectories the first stands for all.
  Behaviour BehaviourOf(const Result& result) const;
  // Appends those of several.
  void AddBehaviours(std::span<const Result> results, std::vector<Behaviour>& behaviours) const;

  // One number a behaviour. The same bits for every `parallel` and `isa`.
  std::vector<double> Novelty(std::span<const Behaviour> behaviours) const;
  // Of behaviours that are in the archive: their own entries do not count.
  std::vector<double> NoveltyOfArchived(std::span<const Behaviour> behaviours) const;
  // Among a population and the archive, each one's own behaviour left out.
  std::vector<double> NoveltyOfPopulation(std::span<const Behaviour> behaviours) const;

  void AddToArchive(const Behaviour& behaviour) { archive_.Add(behaviour); }
  size_t archive_size() const { return archive_.size(); }
  bool IsArchived(const Behaviour& behaviour) const { return archive_.Contains(behaviour); }

  void Save(ByteWriter& out) const { archive_.Save(out); }
  void Restore(ByteReader& in) { archive_.Restore(in); }

 private:
  NoveltyOptions options_;
  PointOf point_;
  ParallelFor parallel_;
  Isa isa_;
  Archive archive_;
};

}  // namespace dne
