// SPDX-License-Identifier: MIT
// `dne robustness`: how much of their scores policies keep under noise on their weights.
#include "dne/studies/robustness.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "apps/dne/live_line.h"
#include "apps/dne/report_words.h"
#include "dne/base/error.h"
#include "dne/base/json_text.h"
#include "dne/policy/play.h"
#include "dne/policy/policy.h"

namespace dne::app {
namespace {

constexpr uint32_t kMaxCount = 100'000;

struct RobustnessWords {
  std::vector<std::string> policies;
  RobustnessOptions options;
  std::string out;  // empty: no report
  bool json = false;
  ComputeOptions compute;
  bool allow_command = false;
};

std::string Text(std::span<const NamedRobustness> policies, const std::string& out) {
  std::string text = TextTable(RobustnessTableHead(), RobustnessTable(policies));
  if (policies.size() > 1) {
    text += "\n" + TextTable(RobustnessPairsHead(), RobustnessPairs(policies));
  }
  return text + (out.empty() ? "" : fmt::format("\nBox plot: {}\n", out));
}

nlohmann::ordered_json PolicyJson(const NamedRobustness& policy) {
  const BoxStatistics& box = policy.robustness.box;
  return {{"policy", policy.name},
          {"unperturbed", policy.robustness.unperturbed},
          {"median", box.median},
          {"lower_quartile", box.lower_quartile},
          {"upper_quartile", box.upper_quartile},
          {"lower_whisker", box.lower_whisker},
          {"upper_whisker", box.upper_whisker},
          {"ratios", policy.robustness.ratios}};
}

std::string Json(std::span<const NamedRobustness> policies, const RobustnessOptions& options) {
  nlohmann::ordered_json rows;
  nlohmann::ordered_json pairs = nlohmann::ordered_json::array();
  for (size_t i = 0; i < policies.size(); ++i) {
    rows.push_back(PolicyJson(policies[i]));
    for (size_t j = i + 1; j < policies.size(); ++j) {
      const RankTest test =
          MannWhitney(policies[i].robustness.ratios, policies[j].robustness.ratios);
      pairs.push_back({{"first", i}, {"second", j}, {"u", test.u}, {"p", test.p}});
    }
  }
  const nlohmann::ordered_json json = {{"seed", options.seed},
                                       {"sigma", options.sigma},
                                       {"perturbations", options.perturbations},
                                       {"episodes", options.episodes},
                                       {"baseline_episodes", options.baseline_episodes},
                                       {"policies", rows},
                                       {"pairs", pairs}};
  return JsonText(json) + "\n";
}

std::string CommandLine(const RobustnessWords& words) {
  const RobustnessOptions& options = words.options;
  std::string command = "dne robustness";
  for (const std::string& policy : words.policies) command += " " + ShellWord(policy);
  return command +
         fmt::format(
             " --perturbations {} --sigma {} --episodes {} --baseline-episodes {} --seed {}",
             options.perturbations, options.sigma, options.episodes, options.baseline_episodes,
             options.seed);
}

NamedRobustness Measure(const Policy& policy, const std::string& place,
                        const RobustnessOptions& options, const EvaluatorOptions& compute,
                        Watch& watch) {
  const LiveLine line([&] {
    return fmt::format("{}  episodes {}/{}  {} steps", place, watch.jobs_done.load(),
                       watch.jobs_total.load(), Thousands(static_cast<double>(watch.steps_run)));
  });
  try {
    const auto evaluator = MakeEvaluatorOf(policy, compute, watch);
    return {policy.name, MeasureRobustness(*evaluator, PlanOf(policy), policy.parameters,
                                           TestStepCap(policy), options)};
  } catch (const Error& error) {
    throw Error(policy.name + ": " + error.what());
  }
}

void MeasureAll(const RobustnessWords& words) {
  const EvaluatorOptions compute = words.compute.Resolve();
  if (!words.out.empty()) CheckReportPath(words.out);
  std::vector<Policy> loaded;  // all, before hours are spent on the first
  for (const std::string& where : words.policies) {
    loaded.push_back(
        LoadPolicy({.where = where, .allow_command = words.allow_command}, compute.isa));
  }
  Interruptible([&](Watch& watch) {
    std::vector<NamedRobustness> policies;
    for (const Policy& policy : loaded) {
      const std::string place = fmt::format("policy {}/{}", policies.size() + 1, loaded.size());
      policies.push_back(Measure(policy, place, words.options, compute, watch));
    }
    if (!words.out.empty()) {
      const std::string origin = ReportOrigin(CommandLine(words), words.options.seed);
      RobustnessReport(policies, words.options, origin).Write(words.out);
    }
    fmt::print("{}", words.json ? Json(policies, words.options) : Text(policies, words.out));
  });
}

}  // namespace

void AddRobustnessCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "robustness", "How much of its score a policy keeps under noise on its weights");
  auto words = std::make_shared<RobustnessWords>();
  RobustnessOptions& options = words->options;
  command
      ->add_option("policies", words->policies,
                   "Run directories, .dne-genome or .safetensors files, to compare")
      ->required();
  command
      ->add_option("--perturbations", options.perturbations,
                   "How often noise is added to each policy")
      ->check(CLI::Range(1u, kMaxCount))
      ->capture_default_str();
  command->add_option("--sigma", options.sigma, "Standard deviation of the noise on each weight")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--episodes", options.episodes, "Episodes of each perturbed policy")
      ->check(CLI::Range(1u, kMaxCount))
      ->capture_default_str();
  command
      ->add_option("--baseline-episodes", options.baseline_episodes,
                   "Episodes of each policy without noise")
      ->check(CLI::Range(1u, kMaxCount))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Noise and episodes' starts follow from it")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--out", words->out, "Write a report with a box plot, an HTML file");
  command->add_flag("--json", words->json, "One JSON object, every ratio in it");
  AddAllowCommandOption(*command, words->allow_command);
  AddComputeOptions(*command, words->compute);
  AddDeviceOption(*command, words->compute);
  command->footer("Example: dne robustness runs/es runs/ga --out robustness.html");
  command->callback([words] { MeasureAll(*words); });
}

}  // namespace dne::app
