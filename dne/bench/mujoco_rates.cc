// SPDX-License-Identifier: MIT
#include "dne/bench/mujoco_rates.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "dne/base/error.h"
#include "dne/envs/mujoco/environment.h"
#include "dne/nn/forward.h"
#include "dne/tasks/control_task.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint32_t kFounders = 8;
constexpr uint32_t kEpisodesEach = 4;
constexpr int kLane = 0;

// As the paper's humanoid has it (1703.03864 and its released code; configs/mujoco).
const ControlOptions kControl{.normalise_observations = true, .action_noise = 0.01f};

const BodyEnvironment& AsBody(const ControlEnvironment& environment) {
  return dynamic_cast<const BodyEnvironment&>(environment);
}

std::vector<double> Copy(std::span<const double> values) { return {values.begin(), values.end()}; }

// An environment that writes down what happens in it.
class Recorder final : public ControlEnvironment {
 public:
  Recorder(std::unique_ptr<ControlEnvironment> environment, BodyEpisode& episode)
      : environment_(std::move(environment)),
        simulation_(AsBody(*environment_).simulation()),
        episode_(episode) {}

  const ControlSpec& spec() const override { return environment_->spec(); }
  void Reset(uint64_t seed) override {
    environment_->Reset(seed);
    episode_.positions = Copy(simulation_.positions());
    episode_.velocities = Copy(simulation_.velocities());
  }
  ControlStep Step(std::span<const float> action) override {
    const std::span<const float> seen = environment_->observation();
    episode_.observations.insert(episode_.observations.end(), seen.begin(), seen.end());
    episode_.actions.insert(episode_.actions.end(), action.begin(), action.end());
    const std::span<const double> limits = simulation_.control_limits();
    for (size_t i = 0; i < action.size(); ++i) {
      episode_.controls.push_back(std::clamp(action[i], static_cast<float>(limits[2 * i]),
                                             static_cast<float>(limits[2 * i + 1])));
    }
    const ControlStep step = environment_->Step(action);
    ++episode_.steps;
    episode_.last_positions = Copy(simulation_.positions());
    return step;
  }
  std::span<const float> observation() const override { return environment_->observation(); }
  std::vector<double> position() const override { return environment_->position(); }

 private:
  std::unique_ptr<ControlEnvironment> environment_;
  const Simulation& simulation_;
  BodyEpisode& episode_;
};

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
    : isa_(isa),
      model_(MujocoModel::Load(body, {})),
      network_(MakeControlNetwork(model_->spec(), NetworkPreset("mlp"))),
      task_(MakeControlTask(
          model_->spec(), [model = model_] { return model->MakeEnvironment(); }, network_,
          kControl)) {
  const Initialiser initialise = task_->initialiser(isa);
  for (uint32_t i = 0; i < kFounders; ++i) {
    founders_.emplace_back(task_->policy_size());
    initialise({.seed = kSeed, .item = i, .purpose = Purpose::kFounder}, founders_.back().values());
  }
  Record();
  CheckEngine();
}

void BodyRates::Record() {
  Stream starts({.seed = kSeed, .purpose = Purpose::kBenchmark});
  BodyEpisode episode;
  const auto recorded = MakeControlTask(
      model_->spec(),
      [&] { return std::make_unique<Recorder>(model_->MakeEnvironment(), episode); }, network_,
      kControl);
  const std::unique_ptr<TaskWorker> worker = recorded->MakeWorker(isa_);
  std::atomic<uint64_t> steps_run{0};
  for (uint32_t i = 0; i < kFounders * kEpisodesEach; ++i) {
    episode = {.founder = i % kFounders, .start = task_->DrawStart(starts)};
    worker->Run(founders_[episode.founder].values(), {&episode.start, 1},
                {.max_steps = task_->step_limit(), .perturbed = true}, steps_run, kNeverCancelled);
    episodes_.push_back(episode);
  }
}

void BodyRates::CheckEngine() const {
  const auto environment = model_->MakeEnvironment();
  Simulation simulation(AsBody(*environment).world().model);
  for (const BodyEpisode& episode : episodes_) {
    Replay(simulation, episode, model_->spec().frames_per_step);
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
    const auto environment = model_->MakeEnvironment();
    const auto simulation = std::make_shared<Simulation>(AsBody(*environment).world().model);
    return [simulation, frames = model_->spec().frames_per_step](const BodyEpisode& episode) {
      Replay(*simulation, episode, frames);
    };
  });
}

Spread BodyRates::Environment(int threads, const Timing& timing) const {
  return Measure(threads, timing, [&] {
    const std::shared_ptr<ControlEnvironment> environment = model_->MakeEnvironment();
    const auto size = static_cast<size_t>(model_->spec().num_actions);
    return [environment, size](const BodyEpisode& episode) {
      environment->Reset(episode.start.seed);
      for (size_t step = 0; step < episode.steps; ++step) {
        environment->Step(std::span(episode.actions).subspan(step * size, size));
      }
    };
  });
}

Spread BodyRates::Network(int threads, const Timing& timing) const {
  return Measure(threads, timing, [&] {
    const std::shared_ptr<Forward> forward = MakeForward(*network_, isa_, /*num_lanes=*/1);
    const size_t size = network_->input().size();
    std::vector<float> outputs(static_cast<size_t>(network_->num_outputs()));
    return [this, forward, size, outputs](const BodyEpisode& episode) mutable {
      forward->SetParameters(founders_[episode.founder].values().first(network_->num_parameters()));
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
      worker->Run(founders_[episode.founder].values(), {&episode.start, 1},
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
