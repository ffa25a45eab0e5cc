// SPDX-License-Identifier: MIT
#include "dne/studies/robustness.h"

#include <fmt/format.h>

#include "dne/base/error.h"
#include "dne/base/parallel.h"
#include "dne/policy/play.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

// Of the streams that episodes' starts are drawn from.
constexpr uint32_t kUnperturbed = 0;
constexpr uint32_t kPerturbed = 1;

StreamId Starts(uint64_t seed, uint32_t generation, uint32_t item) {
  return {
      .seed = seed, .generation = generation, .item = item, .purpose = Purpose::kEvaluateEpisode};
}

std::vector<float> Perturbed(const Task& task, std::span<const float> policy, uint32_t item,
                             const RobustnessOptions& options, Isa isa) {
  std::vector<float> perturbed(policy.begin(), policy.end());
  const auto weights = task.layout().PartsOf(std::span(perturbed)).parameters;
  AddNormal(
      {.seed = options.seed, .generation = 0, .item = item, .purpose = Purpose::kPerturbation},
      options.sigma, weights, weights, isa);
  return perturbed;
}

}  // namespace

Robustness MeasureRobustness(const Task& task, const PolicyView& unperturbed,
                             std::span<const float> weights, uint32_t max_episode_steps,
                             const RobustnessOptions& options, const EvaluatorOptions& compute,
                             Watch& watch, std::atomic<uint64_t>& done) {
  DNE_CHECK(options.perturbations > 0 && weights.size() == task.layout().policy_size());
  Robustness result;
  result.unperturbed = Mean(PlayDraws(task, unperturbed, Starts(options.seed, kUnperturbed, 0),
                                      options.baseline_episodes, max_episode_steps, compute, watch)
                                .scores);
  if (!(result.unperturbed > 0)) {
    throw Error(fmt::format(
        "its unperturbed score is {:.4g} (mean of {} episodes): what perturbed weights keep of a "
        "score is a ratio, which means something only where the score is above 0; choose a policy "
        "that scores more",
        result.unperturbed, options.baseline_episodes));
  }
  EvaluatorOptions alone = compute;
  alone.threads = 1;
  result.ratios.resize(options.perturbations);
  ThreadsFor(compute.threads)(options.perturbations, [&](size_t i) {
    const auto item = static_cast<uint32_t>(i);
    const std::vector<float> perturbed = Perturbed(task, weights, item, options, compute.isa);
    const PlayedDraws played = PlayDraws(task, {perturbed}, Starts(options.seed, kPerturbed, item),
                                         options.episodes, max_episode_steps, alone, watch);
    result.ratios[i] = Mean(played.scores) / result.unperturbed;
    ++done;
  });
  result.box = DescribeBox(result.ratios);
  return result;
}

}  // namespace dne
