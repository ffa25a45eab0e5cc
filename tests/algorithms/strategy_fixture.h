// SPDX-License-Identifier: MIT
// A hill for evolution strategies to climb, and their members played on it.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "dne/algorithms/perturbation_options.h"
#include "dne/algorithms/strategy.h"
#include "dne/genome/parent_cache.h"
#include "dne/random/normal.h"

namespace dne {

inline constexpr size_t kParameters = 37;

// All but the default.
inline const PerturbationOptions kPerturbations[] = {
    {.kind = PerturbationKind::kSigns},
    {.kind = PerturbationKind::kBucket, .bucket_size = 8},
    {.kind = PerturbationKind::kLowRank, .rank = 1},
    {.kind = PerturbationKind::kLowRank, .rank = 3}};

inline PolicySpace Space(size_t num_normalised = 0) {
  const PolicyLayout layout{.num_parameters = kParameters,
                            .num_normalised = num_normalised,
                            .layers = {{.offset = 0, .inputs = 5, .outputs = 6}}};
  return {.layout = layout,
          .initialise =
              [layout](const StreamId& id, std::span<float> policy) {
                const auto parts = layout.PartsOf(policy);
                FillNormal(id, 0, parts.parameters, Isa::kScalar);
                std::ranges::fill(parts.means(), 0.0f);
                std::ranges::fill(parts.inverse_deviations(), 1.0f);
              },
          .step_limit = 1000,
          .point =
              [](std::span<const uint8_t> descriptor) {
                return std::vector<double>(descriptor.begin(), descriptor.end());
              }};
}

inline StrategyOptions SmallStrategy() {
  return {.cloud = {.population_size = 20, .sigma = 0.1f},
          .step_cap = {.max_episode_steps = 50},
          .rounds = {.validation_episodes = 2}};
}

inline StrategyContext ContextOf(const PolicySpace& space, int threads = 1,
                                 Isa isa = Isa::kScalar) {
  return {.run_seed = 3, .space = space, .parallel = ThreadsFor(threads), .isa = isa};
}

// -|parameters - 1|^2, and the first parameter's whole part as behaviour.
inline std::pair<Episode, EpisodeNotes> Play(std::span<const float> policy,
                                             const EpisodeOptions& how) {
  Episode episode{.steps = std::min(how.max_steps, 40u),
                  .frames = 1,
                  .end = how.max_steps <= 40 ? EpisodeEnd::kStepLimit : EpisodeEnd::kTerminal};
  for (const float value : policy.first(kParameters)) {
    episode.score -= (double{value} - 1) * (double{value} - 1);
  }
  EpisodeNotes notes;
  if (how.notes.sign_sum) notes.sign_sum = episode.score < -30 ? -1 : 1;
  episode.descriptor = {static_cast<uint8_t>(std::clamp(100 + 20 * policy[0], 0.0f, 255.0f))};
  if (how.notes.observation_sums) notes.observation_sums = {4, 8, 20};  // mean 2, variance 1
  return {episode, notes};
}

inline std::vector<float> PolicyOf(const Plan& plan, size_t item, const PolicySpace& space) {
  ParentCache cache(space.layout, space.initialise, Isa::kScalar);
  cache.Hold(plan.parents, plan.centres, plan.perturbation);
  std::vector<float> policy(space.layout.policy_size());
  cache.Express(plan.items[item].genome, policy);
  return policy;
}

inline std::vector<Result> Evaluate(const Plan& plan, const PolicySpace& space) {
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < results.size(); ++i) {
    const auto [episode, notes] = Play(PolicyOf(plan, i, space), plan.items[i].how);
    results[i].episodes.assign(plan.items[i].num_episodes, episode);
    results[i].notes.assign(plan.items[i].num_episodes, notes);
  }
  return results;
}

inline GenerationSummary RunGeneration(Algorithm& es, const PolicySpace& space) {
  while (true) {
    const Plan plan = es.Ask();
    if (auto summary = es.Tell(plan, Evaluate(plan, space))) return *summary;
  }
}

inline std::vector<float> LastCentre(Algorithm& es, const PolicySpace& space, int generations) {
  GenerationSummary summary;
  for (int i = 0; i < generations; ++i) summary = RunGeneration(es, space);
  return *summary.centres.at(0).parameters;
}

}  // namespace dne
