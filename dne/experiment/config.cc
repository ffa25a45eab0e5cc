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

void CheckAlgorithm(const GaOptions& options, Mistakes& mistakes) {
  if (!options.random_search) {
    CheckPart("num_parents", options.num_parents, options.population_size, mistakes);
  }
  CheckPart("num_candidates", options.num_candidates, options.population_size, mistakes);
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
  CheckAlgorithm(config.algorithm, mistakes);
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
