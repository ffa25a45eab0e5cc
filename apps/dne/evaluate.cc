// SPDX-License-Identifier: MIT
// `dne evaluate`: how good a policy is, over many episodes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/dne/command.h"
#include "apps/dne/policy_words.h"
#include "dne/base/json_text.h"
#include "dne/policy/play.h"

namespace dne::app {
namespace {

constexpr uint32_t kMaxEpisodes = 100'000;  // the bootstrap takes seconds beyond

struct EvaluateWords {
  PolicyWords policy;
  uint32_t episodes = 200;
  std::optional<uint64_t> seed;
  std::optional<uint32_t> max_episode_steps;
  bool json = false;
  ComputeOptions compute;
};

// What was asked, with the policy's own defaults.
struct Conditions {
  uint64_t seed;
  uint32_t max_episode_steps;
};

std::string Text(const Policy& policy, const Conditions& conditions,
                 const PolicyEvaluation& result) {
  const ScoreStatistics& s = result.statistics;
  std::string text = PolicyTitle(policy);
  text += fmt::format("  episodes   {} ({} different ones run), seed {}, at most {} steps each\n",
                      result.scores.size(), result.episodes_run, conditions.seed,
                      Thousands(conditions.max_episode_steps));
  text += fmt::format("  mean       {}\n", ScoreText(s.mean));
  text += fmt::format("  median     {} (95 % confidence: {} to {})\n", ScoreText(s.median),
                      ScoreText(s.median_low), ScoreText(s.median_high));
  text += fmt::format("  range      {} to {}\n", ScoreText(s.min), ScoreText(s.max));
  text += fmt::format("  std        {}\n", ScoreText(s.std));
  if (result.accuracy) text += fmt::format("  accuracy   {:.2f} %\n", 100 * *result.accuracy);
  text += fmt::format("  steps      {} ({} frames)\n", Thousands(static_cast<double>(result.steps)),
                      Thousands(static_cast<double>(result.frames)));
  return text;
}

std::string Json(const Policy& policy, const Conditions& conditions,
                 const PolicyEvaluation& result) {
  const ScoreStatistics& s = result.statistics;
  nlohmann::ordered_json json = {{"policy", policy.name},
                                 {"environment", policy.config.environment()},
                                 {"seed", conditions.seed},
                                 {"max_episode_steps", conditions.max_episode_steps},
                                 {"episodes", result.scores.size()},
                                 {"episodes_run", result.episodes_run},
                                 {"mean", s.mean},
                                 {"median", s.median},
                                 {"median_low", s.median_low},
                                 {"median_high", s.median_high},
                                 {"min", s.min},
                                 {"max", s.max},
                                 {"std", s.std},
                                 {"steps", result.steps},
                                 {"frames", result.frames},
                                 {"scores", result.scores}};
  if (result.accuracy) json["accuracy"] = *result.accuracy;
  return JsonText(json) + "\n";
}

void Evaluate(const EvaluateWords& words) {
  const EvaluatorOptions options = words.compute.Resolve();
  const Policy policy = LoadPolicy(words.policy.Source(), options.isa);
  const Conditions conditions{.seed = words.seed.value_or(policy.config.seed),
                              .max_episode_steps = policy.setup.task->CapSteps(
                                  words.max_episode_steps.value_or(TestStepCap(policy)))};
  Interruptible([&](Watch& watch) {
    const PolicyEvaluation result = EvaluatePolicy(policy, words.episodes, conditions.seed,
                                                   conditions.max_episode_steps, options, watch);
    fmt::print("{}", (words.json ? Json : Text)(policy, conditions, result));
  });
}

}  // namespace

void AddEvaluateCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("evaluate", "Play a policy for many episodes");
  auto words = std::make_shared<EvaluateWords>();
  AddPolicyWords(*command, words->policy);
  command->add_option("--episodes", words->episodes, "Episodes to draw (default: 200)")
      ->check(CLI::Range(1u, kMaxEpisodes));
  command
      ->add_option("--seed", words->seed,
                   "The episodes' starts follow from it (default: the experiment's seed)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--max-episode-steps", words->max_episode_steps,
                   "Longest episode (default: the experiment's test_max_episode_steps)")
      ->check(CLI::PositiveNumber);
  command->add_flag("--json", words->json, "One JSON object, every score in it");
  AddComputeOptions(*command, words->compute);
  AddDeviceOption(*command, words->compute);
  command->footer("Example: dne evaluate runs/frostbite --episodes 200");
  command->callback([words] { Evaluate(*words); });
}

}  // namespace dne::app
