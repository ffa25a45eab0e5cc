// SPDX-License-Identifier: MIT
// Evolution strategies (1703.03864) and their novelty-seeking populations (1712.06560). They are
// one algorithm: a meta-population of centres, one of which is perturbed a generation; members of
// its cloud are scored by w * reward + (1 - w) * novelty, each shaped by rank; the noise, weighted
// by the scores, is the gradient that the centre ascends.
//   ES: one centre, w = 1.   NS-ES: w = 0.   NSR-ES: w = 1/2.   NSRA-ES: w adapts.
// PGPE (Sehnke et al. 2010; the symmetric variant that 2008.02387 pairs with ClipUp) is ES whose
// cloud has a width of its own for every parameter, which follows the gradient too.
#pragma once

#include <cstdint>
#include <memory>

#include "dne/algorithms/algorithm.h"
#include "dne/algorithms/optimizer.h"
#include "dne/algorithms/shaping.h"
#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/novelty/distance.h"

namespace dne {

enum class StepCap {
  kFixed,     // max_episode_steps
  kAdaptive,  // grows while many members reach it (the released code's "adaptive:")
};

enum class CentreChoice {
  kNovelty,     // with probability proportional to its novelty (1712.06560, equation 1)
  kRoundRobin,  // in turn
};

struct NoveltyOptions {
  int meta_population = 1;  // centres
  CentreChoice choice = CentreChoice::kNovelty;
  int nearest = 10;  // k
  BehaviourDistance distance = BehaviourDistance::kSquaredEuclidean;
  double reward_weight = 1;    // w; NSRA: at first
  bool adapts_weight = false;  // NSRA
  double weight_step = 0.05;
  int patience = 50;  // updates without a new best before w sinks

  bool operator==(const NoveltyOptions&) const = default;
};

// PGPE: the width s of a parameter becomes s * (1 + learning_rate * g) each generation, g being the
// mean over pairs of (their mean score - all members' mean score) * (noise^2 - 1).
struct WidthOptions {
  bool adapts = false;
  double learning_rate = 0.1;
  double max_change = 0.2;  // of a width, as a share of it, in one generation

  bool operator==(const WidthOptions&) const = default;
};

struct EsOptions {
  int population_size = 5000;  // members of the cloud, both halves of the pairs counted
  float sigma = 0.02f;         // PGPE: at first
  bool antithetic = true;      // pairs: centre + noise, centre - noise
  FitnessShaping shaping = FitnessShaping::kCentredRank;
  int top_directions = 0;  // ARS: only the best pairs; 0: all, shaped by `shaping`
  OptimizerOptions optimizer;
  float l2_coefficient = 0.005f;
  int episodes = 1;  // of each member, their mean is its fitness
  StepCap step_cap = StepCap::kFixed;
  int max_episode_steps = 5000;  // in training and validation; 0: the environment's own limit
  int first_step_cap = 1000;     // adaptive only
  double cap_share = 0.5;        // adaptive: where so many members reach the cap ...
  double cap_growth = 2;         // ... it is multiplied by this, up to max_episode_steps
  int validation_episodes = 10;  // of a centre, each generation that moved it
  int test_episodes = 0;         // likewise, not counted in the budget; 0: no test
  int test_max_episode_steps = 100000;
  // Observation normalisation, where the task has it: which share of members' observations is
  // counted, and the least standard deviation.
  double observation_share = 0.01;
  double min_observation_std = 0.1;
  WidthOptions width;  // needs antithetic pairs that all count
  NoveltyOptions novelty;

  bool seeks_novelty() const { return novelty.reward_weight < 1 || novelty.adapts_weight; }
  bool operator==(const EsOptions&) const = default;
};

// What the algorithm must know of a policy's numbers (dne/tasks/task.h).
struct PolicySpace {
  size_t num_parameters = 0;
  size_t num_normalised = 0;
  Initialiser initialise;
  uint32_t step_limit = 0;  // of the environment itself; 0: none
  std::function<std::vector<double>(std::span<const uint8_t>)> point;  // Task::Point
};

// `parallel` and `isa` carry out the update; neither shows in a result. A cloud of antithetic pairs
// has an even number of members. Centres of PGPE end in their spreads, the widths over sigma.
std::unique_ptr<Algorithm> MakeEs(const EsOptions& options, uint64_t run_seed,
                                  const PolicySpace& space, ParallelFor parallel, Isa isa);

}  // namespace dne
