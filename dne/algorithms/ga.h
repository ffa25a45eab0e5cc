// SPDX-License-Identifier: MIT
// The Deep GA (1712.06567) and random search: truncation selection, mutation only, no crossover.
#pragma once

#include <memory>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/algorithms/generation.h"
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

  void Visit(Fields& fields);
  void Check(const TaskFacts& task, Mistakes& mistakes) const;
  bool operator==(const TrialOptions&) const = default;
};

struct GaOptions {
  TrialOptions trials;
  int num_parents = 20;  // truncation size T
  Schedule sigma;        // mutation power

  void Visit(Fields& fields);
  bool operator==(const GaOptions&) const = default;
};

// The options hold what the configuration checks: counts >= 1, parents within the population.
std::unique_ptr<Algorithm> MakeGa(const GaOptions& options, uint64_t run_seed);
// Every child is a fresh founder.
std::unique_ptr<Algorithm> MakeRandomSearch(const TrialOptions& options, uint64_t run_seed);

extern const AlgorithmKind kGa;
extern const AlgorithmKind kRandomSearch;

}  // namespace dne
