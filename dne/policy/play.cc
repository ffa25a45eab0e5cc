// SPDX-License-Identifier: MIT
#include "dne/policy/play.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/parallel.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

constexpr uint32_t kStartsItem = 0;  // of the streams that an evaluation draws from
constexpr uint32_t kBootstrapItem = 1;

StreamId EvaluationStream(uint64_t seed, uint32_t item) {
  return {.seed = seed, .generation = 0, .item = item, .purpose = Purpose::kEvaluateEpisode};
}

std::optional<double> MeanAccuracy(const Policy& policy, const PlayedDraws& played) {
  const auto& task = policy.config.task;
  if (!task.kind->facts(task.options).has_accuracy) return std::nullopt;
  double sum = 0;
  for (const auto& descriptor : played.descriptors) {
    sum += policy.setup.task->Point(descriptor).front();
  }
  return sum / static_cast<double>(played.descriptors.size());
}

PlayedDraws Gather(const Result& result) {
  PlayedDraws played;
  for (const Episode& episode : result.episodes) {
    played.scores.push_back(episode.score);
    played.descriptors.push_back(episode.descriptor);
    played.steps += episode.steps;
    played.frames += episode.frames;
  }
  return played;
}

// One item: the policy as the only centre of a search distribution, or, of a member that is played
// by its factors, as that member of its centre.
Plan PlanOf(const Policy& policy, const ExperimentConfig& config) {
  Plan plan{.generation = policy.generation, .round = "evaluate"};
  Genome genome{.run_seed = config.seed, .founder = CentreBirth(1, 0), .mutations = {}};
  const std::vector<float>* numbers = &policy.parameters;
  if (policy.member) {
    genome = *policy.genome;
    numbers = &policy.member->parent;
    plan.perturbation = config.perturbation();
  }
  plan.centres = {{genome.founder, std::make_shared<const std::vector<float>>(*numbers)}};
  plan.items = {{.genome = genome, .episodes = {}}};
  return plan;
}

}  // namespace

std::vector<Episode> PlayEpisodes(const Task& task, const PolicyView& policy,
                                  std::span<const EpisodeStart> starts, uint32_t max_episode_steps,
                                  const EvaluatorOptions& options, Watch& watch) {
  DNE_CHECK(options.threads >= 1 && policy.numbers.size() == task.layout().policy_size());
  const auto threads = static_cast<size_t>(options.threads);
  const size_t job_size = std::clamp<size_t>((starts.size() + threads - 1) / threads, 1,
                                             static_cast<size_t>(task.lanes()));
  const size_t num_jobs = (starts.size() + job_size - 1) / job_size;
  std::vector<std::unique_ptr<TaskWorker>> workers(std::min(threads, num_jobs));
  for (auto& worker : workers) worker = task.MakeWorker(options.isa);
  watch.jobs_done = 0;
  watch.jobs_total = num_jobs;
  std::vector<Episode> episodes(starts.size());
  const auto play = [&](size_t worker, size_t job) {
    const size_t first = job * job_size;
    const Result played = workers[worker]->Run(
        policy, starts.subspan(first, std::min(job_size, starts.size() - first)),
        {.max_steps = max_episode_steps}, watch.steps_run, watch.cancel);
    std::ranges::copy(played.episodes, episodes.begin() + static_cast<std::ptrdiff_t>(first));
    ++watch.jobs_done;
  };
  RunJobs(threads, num_jobs, play, {.cancel = &watch.cancel});
  if (watch.cancel) throw Cancelled();
  return episodes;
}

PlayedDraws PlayDraws(const Task& task, const PolicyView& policy, const StreamId& draws,
                      uint32_t num_episodes, uint32_t max_episode_steps,
                      const EvaluatorOptions& options, Watch& watch) {
  Stream stream(draws);
  std::vector<EpisodeStart> drawn;
  while (drawn.size() < num_episodes) drawn.push_back(task.DrawStart(stream));
  std::vector<EpisodeStart> starts = drawn;
  std::ranges::sort(starts);
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());

  const std::vector<Episode> episodes =
      PlayEpisodes(task, policy, starts, max_episode_steps, options, watch);
  Result result;
  for (const EpisodeStart& start : drawn) {
    const auto place = std::ranges::lower_bound(starts, start) - starts.begin();
    result.episodes.push_back(episodes[static_cast<size_t>(place)]);
  }
  PlayedDraws played = Gather(result);
  played.episodes_run = episodes.size();
  return played;
}

PolicyEvaluation EvaluatePolicy(const Policy& policy, uint32_t num_episodes, uint64_t seed,
                                uint32_t max_episode_steps, const EvaluatorOptions& options,
                                Watch& watch) {
  const ExperimentConfig config = ParsePlayedConfig(policy.experiment, "its configuration");
  Plan plan = PlanOf(policy, config);
  plan.items[0].episodes = EvaluationStream(seed, kStartsItem);
  plan.items[0].num_episodes = num_episodes;
  plan.items[0].how = {.max_steps = max_episode_steps};
  const auto evaluator = MakeEvaluator(config, policy.setup, nullptr, options, watch);
  const Evaluation evaluation = evaluator->Run(plan);
  PlayedDraws played = Gather(evaluation.results.front());
  played.episodes_run = evaluation.episodes_run;
  const ScoreStatistics statistics =
      DescribeScores(played.scores, EvaluationStream(seed, kBootstrapItem));
  const std::optional<double> accuracy = MeanAccuracy(policy, played);
  return {std::move(played), statistics, accuracy};
}

EpisodeStart DrawEvaluationStart(const Policy& policy, uint64_t seed) {
  Stream stream(EvaluationStream(seed, kStartsItem));
  return policy.setup.task->DrawStart(stream);
}

Replay ReplayEpisode(const Policy& policy, const EpisodeStart& start, uint32_t max_episode_steps,
                     Isa isa, const FrameSink& sink, Watch& watch) {
  if (!policy.setup.world) {
    throw Error(policy.config.environment() +
                " is no environment, so there are no steps to replay: use dne evaluate");
  }
  if (sink && !policy.setup.world->spec().records_frames) {
    throw Error(policy.config.environment() + " has no frames to film: leave the video out");
  }
  Replay replay;
  const auto note = [&replay](const Action& action, const StepResult& step) {
    replay.steps.push_back({.choice = action.choice,
                            .values = {action.values.begin(), action.values.end()},
                            .reward = step.reward});
  };
  const auto worker = MakeEpisodeWorker(policy.setup, isa, {.on_step = note, .on_frame = sink});
  Result played = worker->Run(policy.view(), {&start, 1},
                              {.max_steps = max_episode_steps, .perturbed = policy.perturbed},
                              watch.steps_run, watch.cancel);
  if (watch.cancel) throw Cancelled();
  replay.episode = std::move(played.episodes.front());
  return replay;
}

std::vector<std::vector<double>> PlacesOf(const Policy& policy, const Replay& replay) {
  const World& world = *policy.setup.world;
  DNE_CHECK(world.spec().behaviour.type == BehaviourType::kPoint);
  const auto environment = world.MakeEnvironment();
  environment->Reset(replay.episode.start);
  std::vector<std::vector<double>> places = {PointFromDescriptor(environment->descriptor())};
  for (const ReplayedStep& step : replay.steps) {
    environment->Step({.choice = step.choice, .values = step.values});
    places.push_back(PointFromDescriptor(environment->descriptor()));
  }
  return places;
}

}  // namespace dne
