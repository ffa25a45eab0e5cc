// SPDX-License-Identifier: MIT
#include "dne/bench/mujoco_rates.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "dne/base/error.h"
#include "dne/envs/mujoco/environment.h"
#include "dne/nn/forward.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint32_t kFounders = 8;
constexpr uint32_t kEpisodesEach = 4;
constexpr int kLane = 0;

// As the paper's humanoid has it (1703.03864 and its released code; configs/mujoco).
const EpisodeTaskOptions kOptions{.normalise_observations = true, .action_noise = 0.01f};

const BodyEnvironment& AsBody(const Environment& environment) {
  return dynamic_cast<const BodyEnvironment&>(environment);
}

std::vector<double> Copy(std::span<const double> values) { return {values.begin(), values.end()}; }

// An environment that writes down what happens in it.
class Recorder final : public Environment {
 public:
  Recorder(std::unique_ptr<Environment> environment, BodyEpisode& episode)
      : environment_(std::move(environment)),
        simulation_(AsBody(*environment_).simulation()),
        episode_(episode) {}

  void Reset(const EpisodeStart& start) override {
    environment_->Reset(start);
    episode_.positions = Copy(simulation_.positions());
    episode_.velocities = Copy(simulation_.velocities());
  }
  StepResult Step(const Action& action) override {
    const std::span<const float> seen = environment_->observation().floats;
    const std::span<const float> values = action.values;
    episode_.observations.insert(episode_.observations.end(), seen.begin(), seen.end());
    episode_.actions.insert(episode_.actions.end(), values.begin(), values.end());
    const std::span<const double> limits = simulation_.control_limits();
    for (size_t i = 0; i < values.size(); ++i) {
      episode_.controls.push_back(std::clamp(values[i], static_cast<float>(limits[2 * i]),
                                             static_cast<float>(limits[2 * i + 1])));
    }
    const StepResult step = environment_->Step(action);
    ++episode_.steps;
    episode_.last_positions = Copy(simulation_.positions());
    return step;
  }
  Observation observation() const override { return environment_->observation(); }
  std::vector<uint8_t> descriptor() const override { return environment_->descriptor(); }

 private:
  std::unique_ptr<Environment> environment_;
  const Simulation& simulation_;
  BodyEpisode& episode_;
};

// The world whose environments are recorders.
class RecordedWorld final : public World {
 public:
  RecordedWorld(std::shared_ptr<const World> world, BodyEpisode& episode)
      : world_(std::move(world)), episode_(episode) {}

  const EnvironmentSpec& spec() const override { return world_->spec(); }
  EpisodeStart DrawStart(Stream& stream) const override { return world_->DrawStart(stream); }
  std::unique_ptr<Environment> MakeEnvironment() const override {
    return std::make_unique<Recorder>(world_->MakeEnvironment(), episode_);
  }

 private:
  std::shared_ptr<const World> world_;
  BodyEpisode& episode_;
};

EpisodeSetup SetUp(const std::string& body) {
  const std::shared_ptr<const World> world = LoadMujocoBody(body, {});
  return {.world = world,
          .network = MakeNetwork(world->spec(), NetworkPreset("mlp")),
          .options = kOptions};
}

// Nothing but the engine.
void Replay(Simulation& simulation, const BodyEpisode& episode, int frames) {
  simulation.Reset(episode.positions, episode.velocities);
  const size_t size = episode.controls.size() / episode.steps;
  for (size_t step = 0; step < episode.steps; ++step) {
    simulation.Advance(std::span(episode.controls).subspan(step * size, size), frames,
                       /*contact_forces=*/false);
  }
}

}  // namespace

BodyRates::BodyRates(const std::string& body, Isa isa)
    : isa_(isa), setup_(SetUp(body)), task_(MakeEpisodeTask(setup_)) {
  const Initialiser initialise = task_->initialiser(isa);
  for (uint32_t i = 0; i < kFounders; ++i) {
    founders_.emplace_back(task_->layout().policy_size());
    initialise({.seed = kSeed, .item = i, .purpose = Purpose::kFounder}, founders_.back().values());
  }
  Record();
  CheckEngine();
}

void BodyRates::Record() {
  Stream starts({.seed = kSeed, .purpose = Purpose::kBenchmark});
  BodyEpisode episode;
  EpisodeSetup recorded = setup_;
  recorded.world = std::make_shared<const RecordedWorld>(setup_.world, episode);
  const std::unique_ptr<TaskWorker> worker = MakeEpisodeWorker(recorded, isa_);
  std::atomic<uint64_t> steps_run{0};
  for (uint32_t i = 0; i < kFounders * kEpisodesEach; ++i) {
    episode = {.founder = i % kFounders, .start = task_->DrawStart(starts)};
    worker->Run({founders_[episode.founder].values()}, {&episode.start, 1},
                {.max_steps = task_->step_limit(), .perturbed = true}, steps_run, kNeverCancelled);
    episodes_.push_back(episode);
  }
}

void BodyRates::CheckEngine() const {
  const auto environment = setup_.world->MakeEnvironment();
  Simulation simulation(AsBody(*environment).world().model);
  for (const BodyEpisode& episode : episodes_) {
    Replay(simulation, episode, setup_.world->spec().frames_per_step);
    if (!std::ranges::equal(simulation.positions(), episode.last_positions)) {
      throw BugError("dne bug: the engine alone does not get where the environment did");
    }
  }
}

Spread BodyRates::Measure(
    int threads, const Timing& timing,
    const std::function<std::function<void(const BodyEpisode&)>()>& make) const {
  std::vector<Work> works;
  for (int thread = 0; thread < threads; ++thread) {
    // Threads begin with different ones.
    const size_t first =
        static_cast<size_t>(thread) * episodes_.size() / static_cast<size_t>(threads);
    works.push_back([this, play = make(), next = first]() mutable {
      const BodyEpisode& episode = episodes_[next++ % episodes_.size()];
      play(episode);
      return uint64_t{episode.steps};
    });
  }
  return MeasureRate(works, timing);
}

Spread BodyRates::Engine(int threads, const Timing& timing) const {
  return Measure(threads, timing, [&] {
    const auto environment = setup_.world->MakeEnvironment();
    const auto simulation = std::make_shared<Simulation>(AsBody(*environment).world().model);
    return [simulation, frames = setup_.world->spec().frames_per_step](const BodyEpisode& episode) {
      Replay(*simulation, episode, frames);
    };
  });
}

Spread BodyRates::Environment(int threads, const Timing& timing) const {
  return Measure(threads, timing, [&] {
    const std::shared_ptr<dne::Environment> environment = setup_.world->MakeEnvironment();
    const auto size = static_cast<size_t>(setup_.world->spec().action.size);
    return [environment, size](const BodyEpisode& episode) {
      environment->Reset(episode.start);
      for (size_t step = 0; step < episode.steps; ++step) {
        environment->Step({.values = std::span(episode.actions).subspan(step * size, size)});
      }
    };
  });
}

Spread BodyRates::Network(int threads, const Timing& timing) const {
  return Measure(threads, timing, [&] {
    const std::shared_ptr<Forward> forward = MakeForward(*setup_.network, isa_, /*num_lanes=*/1);
    const auto size = static_cast<size_t>(setup_.network->input().size());
    std::vector<float> outputs(static_cast<size_t>(setup_.network->num_outputs()));
    return [this, forward, size, outputs](const BodyEpisode& episode) mutable {
      forward->SetParameters(
          founders_[episode.founder].values().first(setup_.network->num_parameters()));
      for (size_t step = 0; step < episode.steps; ++step) {
        forward->Run({&kLane, 1}, std::span(episode.observations).subspan(step * size, size),
                     outputs);
      }
    };
  });
}

Spread BodyRates::Playing(int threads, const Timing& timing) const {
  std::atomic<uint64_t> steps_run{0};
  return Measure(threads, timing, [&] {
    const std::shared_ptr<TaskWorker> worker = task_->MakeWorker(isa_);
    return [&, worker](const BodyEpisode& episode) {
      worker->Run({founders_[episode.founder].values()}, {&episode.start, 1},
                  {.max_steps = task_->step_limit(), .perturbed = true}, steps_run, *timing.cancel);
    };
  });
}

double BodyRates::steps_of_episode() const {
  const size_t steps = std::transform_reduce(episodes_.begin(), episodes_.end(), size_t{0},
                                             std::plus(), [](const auto& e) { return e.steps; });
  return static_cast<double>(steps) / static_cast<double>(episodes_.size());
}

}  // namespace dne
