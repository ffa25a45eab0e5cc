// SPDX-License-Identifier: MIT
#include "dne/studies/robustness.h"

#include <fmt/format.h>

#include "dne/base/error.h"

namespace dne {
namespace {

// Of the streams that episodes' starts are drawn from.
constexpr uint32_t kUnperturbed = 0;
constexpr uint32_t kPerturbed = 1;

StreamId Starts(uint64_t seed, uint32_t generation, uint32_t item) {
  return {
      .seed = seed, .generation = generation, .item = item, .purpose = Purpose::kEvaluateEpisode};
}

// An item for each perturbation of the weights, which are the only centre.
Plan PlanOfPerturbations(std::span<const float> weights, uint32_t max_episode_steps,
                         const RobustnessOptions& options) {
  const Birth policy = CentreBirth(1, 0);
  Plan plan{.generation = 2, .round = "evaluate"};
  plan.perturbation = {.kind = PerturbationKind::kProbe};
  plan.centres = {
      {policy, std::make_shared<const std::vector<float>>(weights.begin(), weights.end())}};
  for (uint32_t i = 0; i < options.perturbations; ++i) {
    const Mutation mutation{.birth = {2, i}, .sigma = options.sigma};
    plan.items.push_back(
        {.genome = {.run_seed = options.seed, .founder = policy, .mutations = {mutation}},
         .episodes = Starts(options.seed, kPerturbed, i),
         .num_episodes = options.episodes,
         .how = {.max_steps = max_episode_steps}});
  }
  return plan;
}

}  // namespace

Robustness MeasureRobustness(Evaluator& evaluator, Plan unperturbed, std::span<const float> weights,
                             uint32_t max_episode_steps, const RobustnessOptions& options) {
  DNE_CHECK(options.perturbations > 0 && unperturbed.items.size() == 1);
  unperturbed.items[0].episodes = Starts(options.seed, kUnperturbed, 0);
  unperturbed.items[0].num_episodes = options.baseline_episodes;
  unperturbed.items[0].how = {.max_steps = max_episode_steps};
  Robustness result;
  result.unperturbed = evaluator.Run(unperturbed).results[0].MeanScore();
  if (!(result.unperturbed > 0)) {
    throw Error(fmt::format(
        "its unperturbed score is {:.4g} (mean of {} episodes): what perturbed weights keep of a "
        "score is a ratio, which means something only where the score is above 0; choose a policy "
        "that scores more",
        result.unperturbed, options.baseline_episodes));
  }
  const Plan perturbed = PlanOfPerturbations(weights, max_episode_steps, options);
  for (const Result& played : evaluator.Run(perturbed).results) {
    result.ratios.push_back(played.MeanScore() / result.unperturbed);
  }
  result.box = DescribeBox(result.ratios);
  return result;
}

}  // namespace dne
