// SPDX-License-Identifier: MIT
// How much of its score a policy keeps when noise is added to all its weights: what 1712.06568
// measures in section 4.1 to tell wide optima from narrow ones.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/base/statistics.h"
#include "dne/evaluate/evaluator.h"
#include "dne/plan/plan.h"
#include "dne/report/report.h"

namespace dne {

// The paper's, for all its policies.
struct RobustnessOptions {
  uint32_t perturbations = 1000;
  float sigma = 0.02f;      // standard deviation of the noise on each weight
  uint32_t episodes = 100;  // of each perturbation
  uint32_t baseline_episodes = 1000;
  uint64_t seed = 1;
};

struct Robustness {
  double unperturbed = 0;      // mean score
  std::vector<double> ratios;  // of each perturbation: its mean score / unperturbed
  BoxStatistics box;           // of the ratios
};

// `unperturbed` plans one item: the policy as it is played (PlanOf), whatever its episodes.
// `weights` are its own numbers: the task's parameters, which noise is added to, and what stands
// behind them, which is not perturbed. Perturbation i adds noise of the stream (seed, 0, i,
// kPerturbation) and draws its starts from (seed, 1, i, kEvaluateEpisode); the unperturbed policy
// from (seed, 0, 0, kEvaluateEpisode), as `dne evaluate` does. Throws Error where the unperturbed
// score is not above 0, and as the evaluator does.
Robustness MeasureRobustness(Evaluator& evaluator, Plan unperturbed, std::span<const float> weights,
                             uint32_t max_episode_steps, const RobustnessOptions& options);

struct NamedRobustness {
  std::string name;
  Robustness robustness;
};

// One row a policy, and one row a pair of policies with its Mann-Whitney test: head and cells.
std::vector<std::string> RobustnessTableHead();
std::vector<std::vector<std::string>> RobustnessTable(std::span<const NamedRobustness> policies);
std::vector<std::string> RobustnessPairsHead();
std::vector<std::vector<std::string>> RobustnessPairs(std::span<const NamedRobustness> policies);

// `origin`: what made them (command, build, seed), for the page's head.
Report RobustnessReport(std::span<const NamedRobustness> policies, const RobustnessOptions& options,
                        std::string_view origin);

}  // namespace dne
