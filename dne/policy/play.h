// SPDX-License-Identifier: MIT
// Playing one policy: many episodes for statistics, or one to look at step by step.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dne/envs/environment.h"
#include "dne/evaluate/evaluator.h"
#include "dne/policy/policy.h"
#include "dne/policy/policy_scores.h"

namespace dne {

// The policy as the only centre of a search distribution, or, of a member that is played by its
// factors, as that member of its centre: a plan of one item, whose episodes are still to be said.
Plan PlanOf(const Policy& policy);
// What plays such plans: the threads, or ranks, of `options`. Everything given must outlive it.
std::unique_ptr<Evaluator> MakeEvaluatorOf(const Policy& policy, const EvaluatorOptions& options,
                                           Watch& watch);

struct PolicyEvaluation {
  std::vector<double> scores;  // in draw order
  uint64_t episodes_run = 0;   // the different ones: equal starts are played once
  uint64_t steps = 0;          // as counted: drawn twice, counted twice
  uint64_t frames = 0;
  ScoreStatistics statistics;
  std::optional<double> accuracy;  // their mean, where the task has it
};

// Starts are drawn from the stream (seed, 0, 0, kEvaluateEpisode). num_episodes >= 1.
PolicyEvaluation EvaluatePolicy(const Policy& policy, uint32_t num_episodes, uint64_t seed,
                                uint32_t max_episode_steps, const EvaluatorOptions& options,
                                Watch& watch);

// The first start that EvaluatePolicy draws from this seed.
EpisodeStart DrawEvaluationStart(const Policy& policy, uint64_t seed);

// The action is a choice or numbers, as the world's spec says.
struct ReplayedStep {
  int choice = 0;
  std::vector<float> values;
  double reward = 0;
};

struct Replay {
  Episode episode;  // as an evaluator has it
  std::vector<ReplayedStep> steps;
};

// Plays one episode on this thread; `sink`, where there is one, sees its frames in colour. Throws
// Cancelled once the watch says cancel, what the sink throws, and Error for a sink where the world
// records no frames.
Replay ReplayEpisode(const Policy& policy, const EpisodeStart& start, uint32_t max_episode_steps,
                     Isa isa, const FrameSink& sink, Watch& watch);

// Where the behaviour of the replayed episode was: at its start and after each step. Of worlds
// whose behaviours are points.
std::vector<std::vector<double>> PlacesOf(const Policy& policy, const Replay& replay);

}  // namespace dne
