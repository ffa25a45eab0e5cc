// SPDX-License-Identifier: MIT
// Files in, and what several fields of a configuration say together.
#include "dne/experiment/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "dne/base/error.h"
#include "dne/experiment/config_mistakes.h"
#include "dne/experiment/config_read.h"
#include "dne/experiment/config_text.h"

namespace dne {
namespace {

constexpr size_t kMaxNameLength = 100;  // file systems end at 255

void CheckName(const std::string& name, Mistakes& mistakes) {
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (is_plain && !name.empty() && name.size() <= kMaxNameLength && name.front() != '.') return;
  mistakes.AddContradiction(
      {"name"}, fmt::format("name must be 1 to {} letters, digits, '_', '-' and '.', which is not "
                            "the first, got {}: it names the run's folder",
                            kMaxNameLength, ToToml(name)));
}

std::string DefaultNote(const Mistakes& mistakes, std::string_view key) {
  return mistakes.IsGiven(key) ? "" : " (the default)";
}

// `part` individuals are taken out of a population: there cannot be more of them.
void CheckPart(std::string_view field, int part, int population_size, Mistakes& mistakes) {
  if (part <= population_size) return;
  const std::string key = "algorithm." + std::string(field);
  mistakes.AddContradiction(
      {key, "algorithm.population_size"},
      fmt::format("{0} is {1}{2}, but population_size is {3}{4}: give {0} = {3} or less", field,
                  part, DefaultNote(mistakes, key), population_size,
                  DefaultNote(mistakes, "algorithm.population_size")));
}

void CheckGa(const GaOptions& options, bool breeds, Mistakes& mistakes) {
  if (breeds) CheckPart("num_parents", options.num_parents, options.population_size, mistakes);
  CheckPart("num_candidates", options.num_candidates, options.population_size, mistakes);
  if (options.elite_rule == EliteRule::kValidated && options.num_candidates == 1) {
    mistakes.AddContradiction(
        {"algorithm.num_candidates", "algorithm.elite"},
        "num_candidates is 1, which the old elite takes for ever: give 2 or more, or elite = "
        "\"stale\"");
  }
}

// What holds for every evolution strategy.
void CheckStrategy(const StrategyOptions& strategy, TaskType task, Mistakes& mistakes) {
  const CloudOptions& cloud = strategy.cloud;
  if (cloud.antithetic && cloud.population_size % 2 != 0) {
    mistakes.AddContradiction(
        {"algorithm.population_size", "algorithm.antithetic"},
        fmt::format("population_size is {}, but antithetic members come in pairs: give an even "
                    "number",
                    cloud.population_size));
  }
  const StepCapOptions& cap = strategy.step_cap;
  if (cap.type == StepCapType::kAdaptive && cap.max_episode_steps > 0 &&
      cap.first > cap.max_episode_steps) {
    mistakes.AddContradiction(
        {"algorithm.first_step_cap", "algorithm.max_episode_steps"},
        fmt::format("first_step_cap is {0}{1}, but max_episode_steps is {2}{3}: give "
                    "first_step_cap = {2} or less",
                    cap.first, DefaultNote(mistakes, "algorithm.first_step_cap"),
                    cap.max_episode_steps, DefaultNote(mistakes, "algorithm.max_episode_steps")));
  }
  if (cap.max_episode_steps == 0 && task == TaskType::kAtari) {
    mistakes.AddContradiction(
        {"algorithm.max_episode_steps", "task.type"},
        "max_episode_steps is 0, but Atari games have no limit of their own: give a number");
  }
}

void CheckGrowth(const GrowthOptions& growth, int population_size, Mistakes& mistakes) {
  if (growth.generation_steps == 0) return;
  if (growth.max_population_size < population_size) {
    mistakes.AddContradiction(
        {"algorithm.max_population_size", "algorithm.generation_steps"},
        fmt::format(
            "max_population_size is {}{}, but population_size, which it grows from, is {}{}: "
            "give more",
            growth.max_population_size, DefaultNote(mistakes, "algorithm.max_population_size"),
            population_size, DefaultNote(mistakes, "algorithm.population_size")));
  } else if (growth.max_population_size % 2 != 0) {
    mistakes.AddContradiction(
        {"algorithm.max_population_size"},
        fmt::format("max_population_size is {}, but antithetic members come in pairs: give an even "
                    "number",
                    growth.max_population_size));
  }
}

void CheckEs(const ExperimentConfig& config, Mistakes& mistakes) {
  const StrategyConfig& options = config.algorithm.es;
  const CloudOptions& cloud = options.strategy.cloud;
  if (options.top_directions > 0 && !cloud.antithetic) {
    mistakes.AddContradiction({"algorithm.top_directions", "algorithm.antithetic"},
                              "top_directions chooses among pairs: it needs antithetic = true");
  } else if (const int pairs = cloud.population_size / 2; options.top_directions > pairs) {
    mistakes.AddContradiction(
        {"algorithm.top_directions", "algorithm.population_size"},
        fmt::format("top_directions is {}, but a population_size of {}{} has {} pairs: give "
                    "top_directions = {} or less",
                    options.top_directions, cloud.population_size,
                    DefaultNote(mistakes, "algorithm.population_size"), pairs, pairs));
  }
  if (options.top_directions > 0 && config.algorithm.type != AlgorithmType::kEs) {
    mistakes.AddContradiction({"algorithm.top_directions", "algorithm.type"},
                              "top_directions looks at fitness alone: it needs type = \"es\"");
  }
  if (config.algorithm.type == AlgorithmType::kPgpe) {
    CheckGrowth(options.growth, cloud.population_size, mistakes);
  }
  if (config.algorithm.type == AlgorithmType::kPgpe && !cloud.antithetic) {
    mistakes.AddContradiction({"algorithm.antithetic", "algorithm.type"},
                              "type \"pgpe\" compares pairs: it needs antithetic = true");
  }
  if (config.algorithm.seeks_novelty() && config.task.type != TaskType::kAtari &&
      IsOfTrajectories(options.novelty.distance)) {
    mistakes.AddContradiction({"algorithm.distance", "task.type"},
                              "distance compares the RAM of Atari games: give \"euclidean\" or "
                              "\"squared_euclidean\"");
  }
}

void CheckAlgorithm(const ExperimentConfig& config, Mistakes& mistakes) {
  if (config.algorithm.is_es()) {
    CheckStrategy(config.algorithm.strategy(), config.task.type, mistakes);
    if (config.algorithm.type != AlgorithmType::kSnes) CheckEs(config, mistakes);
    return;
  }
  CheckGa(config.algorithm.ga, config.algorithm.type == AlgorithmType::kGa, mistakes);
  if (config.task.type == TaskType::kMujoco && config.task.control.normalise_observations) {
    mistakes.AddContradiction(
        {"task.normalise_observations", "algorithm.type"},
        "normalise_observations is learned by evolution strategies only: leave it out");
  }
}

// Only evolution strategies were published with it, and it needs pictures.
void CheckBatchNorm(const ExperimentConfig& config, Mistakes& mistakes) {
  if (!config.network.spec.virtual_batch_norm || config.task.type == TaskType::kAtari) return;
  mistakes.AddContradiction({"network.virtual_batch_norm", "task.type"},
                            "virtual_batch_norm needs pictures, as Atari has: leave it out");
}

void CheckBudget(const BudgetConfig& budget, Mistakes& mistakes) {
  if (budget.generations || budget.steps || budget.frames || budget.target) return;
  mistakes.AddContradiction(
      {"budget", "budget.generations", "budget.steps", "budget.frames", "budget.target"},
      "no budget, the run would never stop: give generations, steps, frames or target in [budget]");
}

}  // namespace

ExperimentConfig ParseConfig(std::string_view toml, std::string_view origin, Overrides overrides) {
  Mistakes mistakes(origin);
  ExperimentConfig config = ReadConfig(toml, origin, overrides, mistakes);
  CheckName(config.name, mistakes);
  CheckAlgorithm(config, mistakes);
  CheckBatchNorm(config, mistakes);
  CheckBudget(config.budget, mistakes);
  mistakes.ThrowIfAny();
  return config;
}

ExperimentConfig LoadConfig(const std::filesystem::path& path, Overrides overrides) {
  std::error_code ignored;  // where even that cannot be told, opening fails as well
  if (std::filesystem::is_directory(path, ignored)) {
    throw Error(path.string() + ": is a folder: name a .toml file in it");
  }
  if (!std::filesystem::exists(path, ignored)) {
    throw Error(path.string() + ": no such file: check the path");
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()).good()) {
    throw Error(path.string() + ": cannot be read, or is empty: check its content and permissions");
  }
  return ParseConfig(text.str(), path.string(), overrides);
}

}  // namespace dne
