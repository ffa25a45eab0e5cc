// SPDX-License-Identifier: MIT
// The Deep GA (1712.06567) and random search: truncation selection, mutation only, no crossover.
// Its novelty-seeking kind is put together in ga_ns.h.
#pragma once

#include <memory>
#include <optional>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/algorithms/generation.h"
#include "dne/algorithms/mutation_options.h"
#include "dne/algorithms/novelty_scorer.h"
#include "dne/algorithms/schedule.h"

namespace dne {

enum class EliteRule {
  // v3, Algorithm 1: the previous elite and the best children (num_candidates in all) play
  // validation_episodes fresh episodes each; the best mean is the elite.
  kValidated,
  // v1, Algorithm 1: the best single score so far, kept with its old score; the validation
  // episodes only report on it.
  kStale,
};

// Who is tried, and how the elite is chosen.
struct TrialOptions {
  int population_size = 1000;  // children a generation; the elite comes on top
  EliteRule elite_rule = EliteRule::kValidated;
  int episodes = 1;              // of each child, their mean is its fitness
  int num_candidates = 10;       // validated a generation
  int max_episode_steps = 5000;  // in training and validation
  RoundOptions rounds = {.validation_episodes = 30, .test_episodes = 200};

  void Visit(Fields& fields, std::string_view population_is = "children a generation");
  void Check(const TaskFacts& task, Mistakes& mistakes) const;
  bool operator==(const TrialOptions&) const = default;
};

struct GaOptions {
  TrialOptions trials;
  int num_parents = 20;  // truncation size T
  float sigma = 0.002f;  // mutation power; of SM-R the divergence to reach
  Schedule sigma_schedule;
  MutationOptions mutation;

  void Visit(Fields& fields, std::string_view population_is = "children a generation");
  void Check(const TaskFacts& task, Mistakes& mistakes) const;
  PerturbationSpec Perturbation() const { return mutation.Spec(trials.max_episode_steps); }
  bool operator==(const GaOptions&) const = default;
};

// Parents are chosen by what individuals did (1712.06567, algorithm 2).
struct NoveltySelection {
  NoveltyScorer scorer;
  double archive_probability = 0;
  double reward_weight = 0;  // individuals rank by it * reward's rank + (1 - it) * novelty's
};

// The options hold what the configuration checks: counts >= 1, parents within the population.
// Without `novelty` parents are chosen by reward.
std::unique_ptr<Algorithm> MakeGa(const GaOptions& options, uint64_t run_seed,
                                  std::optional<NoveltySelection> novelty = std::nullopt);
// Every child is a fresh founder.
std::unique_ptr<Algorithm> MakeRandomSearch(const TrialOptions& options, uint64_t run_seed);

extern const AlgorithmKind kGa;
extern const AlgorithmKind kRandomSearch;

}  // namespace dne
