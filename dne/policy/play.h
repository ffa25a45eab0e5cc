// SPDX-License-Identifier: MIT
// Playing one policy: many episodes for statistics, or one to look at step by step.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dne/envs/environment.h"
#include "dne/evaluate/evaluator.h"
#include "dne/policy/policy.h"
#include "dne/policy/policy_scores.h"

namespace dne {

// Plays one episode a start, spread over threads; blocks. episodes[i] belongs to starts[i],
// whichever thread played it. Throws Cancelled once the watch says cancel; an exception of a thread
// is rethrown here after all have stopped.
std::vector<Episode> PlayEpisodes(const Task& task, const PolicyView& policy,
                                  std::span<const EpisodeStart> starts, uint32_t max_episode_steps,
                                  const EvaluatorOptions& options, Watch& watch);

struct PlayedDraws {
  std::vector<double> scores;                     // in draw order
  std::vector<std::vector<uint8_t>> descriptors;  // likewise
  uint64_t episodes_run = 0;  // the different ones: equal starts are played once
  uint64_t steps = 0;         // as counted: drawn twice, counted twice
  uint64_t frames = 0;
};

// Plays the first num_episodes starts that the stream gives, as PlayEpisodes does.
PlayedDraws PlayDraws(const Task& task, const PolicyView& policy, const StreamId& draws,
                      uint32_t num_episodes, uint32_t max_episode_steps,
                      const EvaluatorOptions& options, Watch& watch);

struct PolicyEvaluation : PlayedDraws {
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
  Episode episode;  // as PlayEpisodes has it
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
