// SPDX-License-Identifier: MIT
// An experiment as its file describes it. Every field is named once, in VisitFields: parsing,
// checking, printing, help and docs/configuration.md all walk the same list.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/envs/atari/atari.h"
#include "dne/envs/mujoco/mujoco.h"
#include "dne/nn/network.h"
#include "dne/tasks/episode_task.h"

namespace dne {

enum class TaskType { kAtari, kMujoco, kClassic };

struct TaskConfig {
  TaskType type = TaskType::kAtari;
  // Atari.
  std::string game = "frostbite";
  AtariOptions atari;
  // MuJoCo.
  std::string body = "humanoid";
  MujocoOptions mujoco;
  // Classic control.
  std::string environment = "CartPole-v1";

  EpisodeTaskOptions play;

  // What is played, in a word.
  const std::string& played() const {
    return type == TaskType::kAtari ? game : type == TaskType::kMujoco ? body : environment;
  }

  bool operator==(const TaskConfig&) const = default;
};

enum class AlgorithmType { kGa, kRandomSearch, kEs, kPgpe, kNsEs, kNsrEs, kNsraEs };

// Only the options of its own kind count.
struct AlgorithmConfig {
  AlgorithmType type = AlgorithmType::kGa;
  GaOptions ga;  // ga, random_search
  EsOptions es;  // the others

  bool is_es() const { return type != AlgorithmType::kGa && type != AlgorithmType::kRandomSearch; }
  bool seeks_novelty() const {
    return is_es() && type != AlgorithmType::kEs && type != AlgorithmType::kPgpe;
  }
  int test_max_episode_steps() const {
    return is_es() ? es.test_max_episode_steps : ga.test_max_episode_steps;
  }
  bool operator==(const AlgorithmConfig&) const = default;
};

struct NetworkConfig {
  std::string preset = "uber_large";  // empty: `spec` was given layer by layer
  NetworkSpec spec;                   // always resolved

  bool operator==(const NetworkConfig&) const = default;
};

// The run stops at the first limit it meets, between rounds.
struct BudgetConfig {
  std::optional<uint64_t> generations;
  std::optional<uint64_t> steps;   // counted in training and validation, as the papers do
  std::optional<uint64_t> frames;  // likewise; 4 a step
  std::optional<double> target;    // elite's validation mean

  bool operator==(const BudgetConfig&) const = default;
};

struct ExperimentConfig {
  std::string name = "experiment";  // letters, digits, '.', '_', '-': it names the run's folder
  uint64_t seed = 1;
  TaskConfig task;
  NetworkConfig network;
  AlgorithmConfig algorithm;
  BudgetConfig budget;

  bool operator==(const ExperimentConfig&) const = default;
};

// One `--set key=value`, key dotted: "algorithm.sigma=0.005".
using Overrides = std::span<const std::string>;

// Reads a file, or a text with `origin` as its name in messages. Throws Error that lists all
// mistakes at once, each with line number, value, limit, and the nearest known key for unknown
// ones; mistakes of overrides name the override.
ExperimentConfig LoadConfig(const std::filesystem::path& path, Overrides overrides = {});
ExperimentConfig ParseConfig(std::string_view toml, std::string_view origin,
                             Overrides overrides = {});

// The resolved configuration: every field, comments with meaning and limits left out;
// ParseConfig(ConfigToToml(c)) == c.
std::string ConfigToToml(const ExperimentConfig& config);

// As `algorithm.type` names them.
std::vector<std::string> AlgorithmNames();

// docs/configuration.md: every key with type, default, limits and meaning.
std::string ConfigReference();

}  // namespace dne
