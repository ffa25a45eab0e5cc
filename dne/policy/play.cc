// SPDX-License-Identifier: MIT
#include "dne/policy/play.h"

#include <utility>

#include "dne/base/error.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

constexpr uint32_t kStartsItem = 0;  // of the streams that an evaluation draws from
constexpr uint32_t kBootstrapItem = 1;

StreamId EvaluationStream(uint64_t seed, uint32_t item) {
  return {.seed = seed, .generation = 0, .item = item, .purpose = Purpose::kEvaluateEpisode};
}

std::optional<double> MeanAccuracy(const Policy& policy, const std::vector<Episode>& episodes) {
  const auto& task = policy.config.task;
  if (!task.kind->facts(task.options).has_accuracy) return std::nullopt;
  double sum = 0;
  for (const Episode& episode : episodes) {
    sum += policy.setup.task->Point(episode.descriptor).front();
  }
  return sum / static_cast<double>(episodes.size());
}

ExperimentConfig ConfigOf(const Policy& policy) {
  return ParsePlayedConfig(policy.experiment, "its configuration");
}

}  // namespace

std::unique_ptr<Evaluator> MakeEvaluatorOf(const Policy& policy, const EvaluatorOptions& options,
                                           Watch& watch) {
  return MakeEvaluator(ConfigOf(policy), policy.setup, nullptr, options, watch);
}

Plan PlanOf(const Policy& policy) {
  const ExperimentConfig config = ConfigOf(policy);
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

PolicyEvaluation EvaluatePolicy(const Policy& policy, uint32_t num_episodes, uint64_t seed,
                                uint32_t max_episode_steps, const EvaluatorOptions& options,
                                Watch& watch) {
  Plan plan = PlanOf(policy);
  plan.items[0].episodes = EvaluationStream(seed, kStartsItem);
  plan.items[0].num_episodes = num_episodes;
  plan.items[0].how = {.max_steps = max_episode_steps};
  const Evaluation evaluation = MakeEvaluatorOf(policy, options, watch)->Run(plan);
  const Result& played = evaluation.results.front();
  PolicyEvaluation result{.scores = {},
                          .episodes_run = evaluation.episodes_run,
                          .steps = played.TotalSteps(),
                          .frames = played.TotalFrames(),
                          .statistics = {},
                          .accuracy = MeanAccuracy(policy, played.episodes)};
  for (const Episode& episode : played.episodes) result.scores.push_back(episode.score);
  result.statistics = DescribeScores(result.scores, EvaluationStream(seed, kBootstrapItem));
  return result;
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
