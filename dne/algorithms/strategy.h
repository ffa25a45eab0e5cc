// SPDX-License-Identifier: MIT
// What all evolution strategies are: a meta-population of centres, one of which is perturbed a
// generation; the members of its cloud are scored, by reward or novelty or both; an update moves
// the centre by the scores and the members' noise. The kinds (es.h, pgpe.h, ns_es.h) put the parts
// together.
#pragma once

#include <memory>
#include <optional>

#include "dne/algorithms/cloud.h"
#include "dne/algorithms/generation.h"
#include "dne/algorithms/meta_population.h"
#include "dne/algorithms/novelty_scorer.h"
#include "dne/algorithms/policy_space.h"
#include "dne/algorithms/reward_weight.h"
#include "dne/algorithms/step_cap.h"
#include "dne/algorithms/update.h"
#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/config/field.h"
#include "dne/config/mistakes.h"
#include "dne/plan/task_facts.h"

namespace dne {

// Of observation normalisation, where the task has it.
struct ObservationOptions {
  double share = 0.01;   // of members whose observations are counted
  double min_std = 0.1;  // the least standard deviation

  void Visit(Fields& fields);
  bool operator==(const ObservationOptions&) const = default;
};

// Options of every kind.
struct StrategyOptions {
  CloudOptions cloud;
  StepCapOptions step_cap;
  ObservationOptions observations;
  RoundOptions rounds;

  void Visit(Fields& fields);
  void Check(const TaskFacts& task, Mistakes& mistakes) const;
  bool operator==(const StrategyOptions&) const = default;
};

// What a strategy is made for. `parallel`, `isa` and `sums`, where it is given, carry out the
// update; none shows in a result.
struct StrategyContext {
  uint64_t run_seed = 0;
  PolicySpace space;
  ParallelFor parallel = SerialFor;
  Isa isa = Isa::kScalar;
  std::shared_ptr<NoiseSums> sums;
};

// Novelty where it is sought: members score weight * reward + (1 - weight) * rank of novelty.
struct NoveltySearch {
  NoveltyScorer scorer;
  RewardWeight weight;
  MetaPopulationOptions meta_population;
};

// What tells the kinds apart.
struct StrategyParts {
  UpdateMaker update;
  GrowthOptions growth = {};
  bool averages = false;  // the mean of the centres is validated; only where nobody seeks novelty
  std::optional<NoveltySearch> novelty = std::nullopt;
};

// A cloud of antithetic pairs has an even number of members, and at most.
std::unique_ptr<Algorithm> MakeStrategy(const StrategyOptions& options,
                                        const StrategyContext& context, StrategyParts parts);

}  // namespace dne
