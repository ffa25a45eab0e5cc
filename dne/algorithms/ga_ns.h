// SPDX-License-Identifier: MIT
// GA-NS, the Deep GA that seeks novelty (1712.06567, section 3.2 and algorithm 2). The first
// individual of a generation is a copy of the most novel one of the generation before, the others
// are mutated children of the num_parents most novel ones. The elite is chosen by reward as the
// GA's is, and is kept for the user alone: it does not breed.
#pragma once

#include <memory>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/algorithms/ga.h"
#include "dne/config/field.h"
#include "dne/config/mistakes.h"

namespace dne {

struct GaNsOptions {
  // The image hard maze's (table 2): deterministic, so one episode tells all of a policy.
  GaOptions ga = {.trials = {.population_size = 20001,  // the copy among them
                             .num_candidates = 2,
                             .rounds = {.validation_episodes = 1, .test_episodes = 0}},
                  .num_parents = 61,
                  .sigma = 0.005f};
  double archive_probability = 0.01;  // of every individual but the copy
  double reward_weight = 0;           // NoveltySelection::reward_weight
  // A section of its own (AlgorithmKind::novelty).
  NoveltyOptions novelty = {.nearest = 25, .distance = BehaviourDistance::kSquaredEuclidean};

  void Visit(Fields& fields);
  void Check(const TaskFacts& task, Mistakes& mistakes) const;
  bool operator==(const GaNsOptions&) const = default;
};

std::unique_ptr<Algorithm> MakeGaNs(const GaNsOptions& options, const StrategyContext& context);

extern const AlgorithmKind kGaNs;

}  // namespace dne
