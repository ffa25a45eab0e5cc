// SPDX-License-Identifier: MIT
// `dne check-env`: whether an environment keeps the contract that runs rely on.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "dne/base/about.h"
#include "dne/base/error.h"
#include "dne/base/json_text.h"
#include "dne/experiment/setup.h"
#include "dne/tasks/environment_check.h"

namespace dne::app {
namespace {

struct CheckWords {
  std::string config;
  std::vector<std::string> overrides;
  EnvironmentCheckOptions options;
  bool json = false;
};

std::string SpecText(const EnvironmentSpec& spec) {
  const ObservationSpec& seen = spec.observation;
  const bool bytes = seen.type == ObservationType::kBytes;
  std::string text =
      bytes ? fmt::format("observes {} x {} x {} bytes", seen.height, seen.width, seen.channels)
            : fmt::format("observes {} floats", seen.size());
  text += spec.action.type == ActionType::kDiscrete
              ? fmt::format(", one of {} actions", spec.action.size)
              : fmt::format(", actions of {} numbers", spec.action.size);
  text += spec.max_episode_steps > 0 ? fmt::format(", at most {} steps", spec.max_episode_steps)
                                     : std::string(", no limit of steps of its own");
  return text + fmt::format(", behaviour of {}", spec.behaviour.size);
}

double StepsPerSecond(const EnvironmentReport& report) {
  return report.seconds > 0 ? static_cast<double>(report.steps) / report.seconds : 0;
}

std::string Text(const std::string& name, const EnvironmentSpec& spec,
                 const EnvironmentReport& report) {
  std::string text = fmt::format("{}: {}\n\n", name, SpecText(spec));
  for (const EnvironmentFinding& finding : report.findings) {
    text += fmt::format("  {:<4} {}{}\n", finding.holds ? "yes" : "NO", finding.what,
                        finding.detail.empty() ? "" : ": " + finding.detail);
  }
  return text + fmt::format("\n  {} steps, {} a second in one environment\n",
                            Thousands(static_cast<double>(report.steps)),
                            Thousands(StepsPerSecond(report)));
}

std::string Json(const std::string& name, const EnvironmentReport& report) {
  nlohmann::json json = {{"environment", name},
                         {"steps", report.steps},
                         {"steps_per_second", StepsPerSecond(report)},
                         {"findings", nlohmann::json::array()}};
  for (const EnvironmentFinding& finding : report.findings) {
    json["findings"].push_back(
        {{"what", finding.what}, {"holds", finding.holds}, {"detail", finding.detail}});
  }
  return JsonText(json) + "\n";
}

void CheckEnv(const CheckWords& words) {
  const ExperimentConfig config = LoadConfig(words.config, words.overrides);
  const Setup setup = MakeSetup(config);
  if (!setup.world) {
    throw Error(
        fmt::format("{}: {} is no environment in which policies act step by step: there "
                    "is nothing to check",
                    words.config, config.environment()));
  }
  bool all_hold = false;
  Interruptible([&](Watch& watch) {
    const EnvironmentReport report =
        CheckEnvironment(*setup.world, words.options, Now, watch.cancel);
    if (watch.cancel) throw Cancelled();
    const std::string name = config.environment();
    fmt::print("{}", words.json ? Json(name, report) : Text(name, setup.world->spec(), report));
    all_hold = report.AllHold();
  });
  std::fflush(stdout);
  if (!all_hold) {
    throw Error(fmt::format(
        "{} does not keep the contract of environments: runs in it are not repeated, resumed and "
        "replayed exactly (docs/environment-protocol.md)",
        config.environment()));
  }
}

}  // namespace

void AddCheckEnvCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "check-env", "Whether an environment keeps the contract, and how fast it is");
  auto words = std::make_shared<CheckWords>();
  command->add_option("config", words->config, "Experiment file (TOML)")->required();
  command->add_option("--set", words->overrides, "Change one value: --set task.environment=pong")
      ->take_all()
      ->expected(1);
  command
      ->add_option("--seed", words->options.seed, "Starts and actions follow from it (default: 1)")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--episodes", words->options.episodes,
                   "Episodes, each played four times (default: 5)")
      ->check(CLI::Range(1, 1000));
  command
      ->add_option("--max-episode-steps", words->options.max_steps, "Steps of each (default: 1000)")
      ->check(CLI::Range(1u, 10'000'000u));
  command->add_flag("--json", words->json, "As a JSON object");
  command->footer("Example: dne check-env examples/process-environment.toml");
  command->callback([words] { CheckEnv(*words); });
}

}  // namespace dne::app
