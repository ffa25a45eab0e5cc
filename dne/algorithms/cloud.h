// SPDX-License-Identifier: MIT
// The cloud of a generation: members around a centre, each centre + sigma * noise, and what they
// came to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/algorithms/schedule.h"
#include "dne/base/bytes.h"
#include "dne/base/isa.h"
#include "dne/base/parallel.h"
#include "dne/config/field.h"
#include "dne/config/mistakes.h"
#include "dne/genome/noise_sums.h"
#include "dne/genome/perturbation.h"
#include "dne/genome/policy_layout.h"
#include "dne/novelty/distance.h"
#include "dne/plan/plan.h"

namespace dne {

// Which members of a generation play episodes of the same starts (common random numbers).
enum class SharedEpisodes { kNone, kPair, kGeneration };

struct CloudOptions {
  int population_size = 5000;  // members, both halves of the pairs counted
  float sigma = 0.02f;         // with spreads: of a spread of 1
  Schedule sigma_schedule;
  bool antithetic = true;  // pairs: centre + noise, centre - noise
  int episodes = 1;        // of each member, their mean is its fitness
  SharedEpisodes shared_episodes = SharedEpisodes::kNone;

  float SigmaOf(uint32_t generation) const { return sigma_schedule.ValueAt(sigma, generation); }
  // Whose episodes member i plays.
  uint32_t EpisodesOf(uint32_t i) const;

  void Visit(Fields& fields);
  void Check(Mistakes& mistakes) const;
  bool operator==(const CloudOptions&) const = default;
};

// A cloud that grows, population_size members at a time, until it has gathered so many steps, or
// has so many members (2008.02387, section 4.2): where policies that fall at once end episodes
// early, more of them are tried.
struct GrowthOptions {
  uint64_t generation_steps = 0;  // 0: does not grow
  int max_population_size = 0;

  void Visit(Fields& fields);
  void Check(const CloudOptions& cloud, Mistakes& mistakes) const;
  bool operator==(const GrowthOptions&) const = default;
};

// Member `i` of a generation's cloud around a centre.
Genome CloudMember(const CloudOptions& options, const Genome& centre, uint32_t generation,
                   uint32_t i);

// The noise of a generation's members, generated again to be summed: no matrix of members, no table
// of noise. The parameters are walked in blocks that stay in the cache; the same bits for every
// `parallel` and `isa`.
struct CloudNoise {
  uint64_t run_seed = 0;
  uint32_t generation = 0;
  bool antithetic = true;  // odd members have their neighbour's noise, turned round
  float sigma = 0;         // that the members had
  PerturbationSpec perturbation;
  const PolicyLayout& layout;
  ParallelFor parallel = SerialFor;
  Isa isa = Isa::kScalar;
  NoiseSums* sums = nullptr;  // who adds it up; null: threads do

  // Sum over members of weight * noise: the gradient of 1703.03864, algorithm 1.
  std::vector<float> Sum(std::span<const double> weights) const;
  // Sum over members of (weight - mean weight) * (noise^2 - 1): what spreads follow.
  std::vector<float> SumOfSquares(std::span<const double> weights) const;
};

// What the members of one generation came to, in index order, gathered over its training rounds.
struct CloudResults {
  std::vector<double> fitness;
  std::vector<double> sign_sums;      // over a member's episodes
  std::vector<uint8_t> is_broken;     // whether an episode broke down
  std::vector<Behaviour> behaviours;  // empty where nobody seeks novelty
  uint64_t steps = 0;
  uint64_t episodes = 0;
  uint64_t cut_off = 0;  // episodes that ended at the step cap

  size_t size() const { return fitness.size(); }
  // All but the behaviours.
  void Add(std::span<const Result> results);

  // Fitness and signs of broken members become worse than those of all others (standing.h).
  void PutBrokenLast();

  void Save(ByteWriter& out) const;
  static CloudResults Read(ByteReader& in);
};

}  // namespace dne
