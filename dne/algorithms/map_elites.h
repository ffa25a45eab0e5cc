// SPDX-License-Identifier: MIT
// MAP-Elites (Mouret and Clune 2015, 1504.04909) over compact genomes: a grid over behaviours, each
// cell of which keeps the best individual that came there, and whose elites are the parents of all
// that is tried next. Ten thousand elites are ten thousand ancestries, never their weights.
#pragma once

#include <memory>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/algorithms/behaviour_grid.h"
#include "dne/algorithms/generation.h"
#include "dne/algorithms/mutation_options.h"
#include "dne/algorithms/schedule.h"

namespace dne {

struct MapElitesOptions {
  int population_size = 150;
  float sigma = 0.002f;  // mutation power; of SM-R the divergence to reach
  Schedule sigma_schedule;
  MutationOptions mutation;
  int episodes = 1;  // of each child, their mean is its fitness
  int max_episode_steps = 5000;
  RoundOptions rounds = {.validation_episodes = 1};
  // A section of its own (AlgorithmKind::archive).
  ArchiveOptions archive;

  void Visit(Fields& fields);
  bool operator==(const MapElitesOptions&) const = default;
};

// Generation 0 is population_size founders, and so is every other one while no individual has a
// cell. In all others each child's parent is an elite, each as likely, of the archive as the last
// generation left it. Children enter in their order; one that broke down never does. The elite, of
// the run, is the first individual with the best score of all.
std::unique_ptr<Algorithm> MakeMapElites(const MapElitesOptions& options,
                                         const StrategyContext& context);

extern const AlgorithmKind kMapElites;

}  // namespace dne
