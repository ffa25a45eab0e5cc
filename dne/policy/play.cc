// SPDX-License-Identifier: MIT
#include "dne/policy/play.h"

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "dne/base/error.h"
#include "dne/nn/forward.h"

namespace dne {
namespace {

constexpr uint32_t kStartsItem = 0;  // of the streams that an evaluation draws from
constexpr uint32_t kBootstrapItem = 1;

StreamId EvaluationStream(uint64_t seed, uint32_t item) {
  return {.seed = seed, .generation = 0, .item = item, .purpose = Purpose::kEvaluateEpisode};
}

// The starts cut into jobs, each with its place among the episodes.
class Episodes {
 public:
  Episodes(const Task& task, std::span<const EpisodeStart> starts, size_t threads)
      : starts_(starts), episodes_(starts.size()) {
    const size_t share = (starts.size() + threads - 1) / threads;
    job_size_ = std::clamp<size_t>(share, 1, static_cast<size_t>(task.lanes()));
  }

  size_t num_jobs() const { return (starts_.size() + job_size_ - 1) / job_size_; }

  // Plays jobs until there are none left.
  void Work(TaskWorker& worker, std::span<const float> parameters, uint32_t max_episode_steps,
            Watch& watch) {
    for (size_t job; !stop_ && !watch.cancel && (job = next_.fetch_add(1)) < num_jobs();) {
      try {
        const size_t first = job * job_size_;
        const auto starts = starts_.subspan(first, std::min(job_size_, starts_.size() - first));
        const Result played = worker.Run(parameters, starts, {.max_steps = max_episode_steps},
                                         watch.steps_run, watch.cancel);
        std::ranges::copy(played.episodes, episodes_.begin() + static_cast<std::ptrdiff_t>(first));
        ++watch.jobs_done;
      } catch (...) {
        stop_ = true;
        const std::lock_guard lock(mutex_);
        if (!error_) error_ = std::current_exception();
      }
    }
  }

  std::vector<Episode> Take(const Watch& watch) {
    if (error_) std::rethrow_exception(error_);
    if (watch.cancel) throw Cancelled();
    return std::move(episodes_);
  }

 private:
  std::span<const EpisodeStart> starts_;
  std::vector<Episode> episodes_;
  size_t job_size_ = 1;
  std::atomic<size_t> next_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

std::vector<Episode> PlayEpisodes(const Task& task, std::span<const float> parameters,
                                  std::span<const EpisodeStart> starts, uint32_t max_episode_steps,
                                  const EvaluatorOptions& options, Watch& watch) {
  DNE_CHECK(options.threads >= 1 && parameters.size() == task.policy_size());
  Episodes episodes(task, starts, static_cast<size_t>(options.threads));
  watch.jobs_done = 0;
  watch.jobs_total = episodes.num_jobs();
  std::vector<std::unique_ptr<TaskWorker>> workers;
  while (workers.size() < std::min(static_cast<size_t>(options.threads), episodes.num_jobs())) {
    workers.push_back(task.MakeWorker(options.isa));
  }
  {
    std::vector<std::jthread> threads;
    for (const auto& worker : workers) {
      threads.emplace_back([&episodes, &worker, parameters, max_episode_steps, &watch] {
        episodes.Work(*worker, parameters, max_episode_steps, watch);
      });
    }
  }
  return episodes.Take(watch);
}

PlayedDraws PlayDraws(const Task& task, std::span<const float> parameters, const StreamId& draws,
                      uint32_t num_episodes, uint32_t max_episode_steps,
                      const EvaluatorOptions& options, Watch& watch) {
  Stream stream(draws);
  std::vector<EpisodeStart> drawn;
  while (drawn.size() < num_episodes) drawn.push_back(task.DrawStart(stream));
  std::vector<EpisodeStart> starts = drawn;
  std::ranges::sort(starts);
  starts.erase(std::ranges::unique(starts).begin(), starts.end());

  const std::vector<Episode> episodes =
      PlayEpisodes(task, parameters, starts, max_episode_steps, options, watch);
  PlayedDraws played{.scores = {}, .episodes_run = episodes.size()};
  for (const EpisodeStart& start : drawn) {
    const auto place = std::ranges::lower_bound(starts, start) - starts.begin();
    const Episode& episode = episodes[static_cast<size_t>(place)];
    played.scores.push_back(episode.score);
    played.steps += episode.steps;
    played.frames += episode.frames;
  }
  return played;
}

PolicyEvaluation EvaluatePolicy(const Policy& policy, uint32_t num_episodes, uint64_t seed,
                                uint32_t max_episode_steps, const EvaluatorOptions& options,
                                Watch& watch) {
  PlayedDraws played =
      PlayDraws(*policy.setup.task, policy.parameters, EvaluationStream(seed, kStartsItem),
                num_episodes, max_episode_steps, options, watch);
  const ScoreStatistics statistics =
      DescribeScores(played.scores, EvaluationStream(seed, kBootstrapItem));
  return {std::move(played), statistics};
}

namespace {

Replay ReplayBody(const Policy& policy, const EpisodeStart& start, uint32_t max_episode_steps,
                  Isa isa, Watch& watch) {
  const std::unique_ptr<TaskWorker> worker = policy.setup.task->MakeWorker(isa);
  Result played = worker->Run(policy.parameters, {&start, 1},
                              {.max_steps = max_episode_steps, .perturbed = policy.perturbed},
                              watch.steps_run, watch.cancel);
  if (watch.cancel) throw Cancelled();
  return {.episode = std::move(played.episodes.front()), .steps = {}};
}

}  // namespace

EpisodeStart DrawEvaluationStart(const Policy& policy, uint64_t seed) {
  Stream stream(EvaluationStream(seed, kStartsItem));
  return policy.setup.task->DrawStart(stream);
}

Replay ReplayEpisode(const Policy& policy, const EpisodeStart& start, uint32_t max_episode_steps,
                     Isa isa, const FrameSink& sink, Watch& watch) {
  if (policy.setup.game == nullptr) {
    if (sink) throw Error("only Atari games have pictures: leave the video out");
    return ReplayBody(policy, start, max_episode_steps, isa, watch);
  }
  const Network& network = *policy.setup.network;
  const std::unique_ptr<Environment> environment = policy.setup.game->MakeEnvironment();
  const std::unique_ptr<Forward> forward = MakeForward(network, isa, /*num_lanes=*/1);
  if (sink) environment->RecordFrames(sink);
  environment->Reset(start.noops, start.seed);
  if (policy.setup.reference_batch) forward->SetReferenceBatch(*policy.setup.reference_batch);
  forward->SetParameters(policy.parameters);
  std::vector<float> outputs(static_cast<size_t>(network.num_outputs()));
  constexpr int kLane = 0;

  Replay replay;
  Episode& episode = replay.episode;
  episode.start = start;
  episode.end = EpisodeEnd::kStepLimit;
  while (episode.steps < max_episode_steps && episode.end != EpisodeEnd::kTerminal) {
    if (watch.cancel) throw Cancelled();
    forward->Run({&kLane, 1}, environment->observation(), outputs);
    const auto action = static_cast<int>(std::ranges::max_element(outputs) - outputs.begin());
    const StepResult step = environment->Step(action);
    replay.steps.push_back({.action = action, .reward = step.reward});
    episode.score += step.reward;
    episode.frames += static_cast<uint64_t>(step.frames);
    ++episode.steps;
    if (step.terminal) episode.end = EpisodeEnd::kTerminal;
  }
  episode.descriptor = environment->descriptor();
  return replay;
}

}  // namespace dne
