// SPDX-License-Identifier: MIT
// The steady-state GA of safe mutations (1712.06563, section 4 and its released code): one
// population, in which children take the place of others as soon as they are scored. No crossover.
#pragma once

#include <memory>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/algorithms/generation.h"
#include "dne/algorithms/mutation_options.h"

namespace dne {

struct SteadyStateGaOptions {
  int population_size = 250;
  int num_children = 10;    // a generation; the paper's is 1
  int tournament_size = 5;  // of parents, and of those of whom one is removed
  float sigma = 0.05f;      // mutation power; of SM-R the divergence to reach
  MutationOptions mutation;
  int episodes = 1;  // of each child, their mean is its fitness
  int max_episode_steps = 5000;
  RoundOptions rounds = {.validation_episodes = 1};

  void Visit(Fields& fields);
  bool operator==(const SteadyStateGaOptions&) const = default;
};

// Generation 0 is population_size founders. In all others each child's parent wins a tournament of
// the population as the last generation left it; then the children enter it one after the other,
// and for each of them the loser of another tournament leaves. The contestants of a tournament are
// different individuals (all, where there are fewer), drawn from the child's own stream; of equal
// ones the first drawn counts. The elite is the first individual with the best score of all.
std::unique_ptr<Algorithm> MakeSteadyStateGa(const SteadyStateGaOptions& options,
                                             uint64_t run_seed);

extern const AlgorithmKind kSteadyStateGa;

}  // namespace dne
