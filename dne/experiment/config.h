// SPDX-License-Identifier: MIT
// An experiment as its file describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/config/kind.h"
#include "dne/config/section.h"
#include "dne/nn/network_options.h"
#include "dne/tasks/task_kind.h"

namespace dne {

inline constexpr uint64_t kLargestSeed = INT64_MAX;  // TOML's integers are signed

// The run stops at the first limit it meets, between generations.
struct BudgetConfig {
  std::optional<uint64_t> generations;
  std::optional<uint64_t> steps;   // counted in training and validation, as the papers do
  std::optional<uint64_t> frames;  // likewise
  std::optional<double> target;    // elite's validation mean
  bool until_solved = false;       // a training trial reached the task's goal

  void Visit(Fields& fields);
  bool operator==(const BudgetConfig&) const = default;
};

struct ExperimentConfig {
  ExperimentConfig();  // the Deep GA plays Frostbite, without a budget

  std::string name = "experiment";  // letters, digits, '.', '_', '-': it names the run's folder
  uint64_t seed = 1;
  Chosen<TaskKind> task;
  NetworkOptions network;
  Chosen<AlgorithmKind> algorithm;
  BudgetConfig budget;

  // Whether programs that it names may be started: those of a file that the user has named may,
  // those of what comes with a run or a policy when the user says so. No part of what is written.
  struct Trust {
    bool may_start_programs = true;
    bool operator==(const Trust&) const { return true; }
  };
  Trust trust;

  // What is played, in a word.
  std::string environment() const { return task.kind->environment(task.options); }
  RoundOptions rounds() const { return algorithm.kind->rounds(algorithm.options); }
  // None: its algorithm keeps no archive.
  std::optional<ArchiveOptions> archive() const;
  PerturbationSpec perturbation() const { return algorithm.kind->perturbation(algorithm.options); }

  bool operator==(const ExperimentConfig&) const = default;
};

// Reads a file, or a text with `origin` as its name in messages. Throws Error that lists all
// mistakes at once, each with line number, value, limit, and the nearest known key for unknown
// ones; mistakes of overrides name the override. `more`: sections that the file has besides.
ExperimentConfig LoadConfig(const std::filesystem::path& path, Overrides overrides = {},
                            std::span<const Section> more = {});
ExperimentConfig ParseConfig(std::string_view toml, std::string_view origin,
                             Overrides overrides = {});
// Of what ConfigToToml of this or an older version wrote. Its programs may not be started.
ExperimentConfig ParseStoredConfig(std::string_view toml, std::string_view origin,
                                   Overrides overrides = {});
// Of what is to be played, not evolved: [algorithm] and [budget] may be missing, and nothing that
// only a run needs is asked for. Likewise.
ExperimentConfig ParsePlayedConfig(std::string_view toml, std::string_view origin);

// Of [algorithm], [novelty], [archive] and the seed alone, for policies that somebody else tries,
// whose task these facts tell of; the rest is of no account. `written`: by SearchToToml or a user.
ExperimentConfig ParseSearch(std::string_view toml, std::string_view origin, Written written,
                             const TaskFacts& facts);
std::string SearchToToml(const ExperimentConfig& config);

// The resolved configuration: every field, comments with meaning and limits left out;
// ParseConfig(ConfigToToml(c)) == c.
std::string ConfigToToml(const ExperimentConfig& config);

// Its sections, in the order of a file; they refer to it.
std::vector<Section> SectionsOf(ExperimentConfig& config);

// docs/configuration.md: every key with type, default, limits and meaning.
std::string ConfigReference();

}  // namespace dne
