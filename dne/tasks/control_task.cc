// SPDX-License-Identifier: MIT
#include "dne/tasks/control_task.h"

#include <algorithm>
#include <cmath>

#include "dne/base/error.h"
#include "dne/nn/forward.h"
#include "dne/random/normal.h"
#include "dne/tasks/descriptor.h"
#include "dne/tasks/sign.h"

namespace dne {
namespace {

constexpr int kLane = 0;

class ControlWorker final : public TaskWorker {
 public:
  ControlWorker(std::unique_ptr<ControlEnvironment> environment, const Network& network, Isa isa,
                const ControlOptions& options)
      : environment_(std::move(environment)),
        forward_(MakeForward(network, isa, /*num_lanes=*/1)),
        num_parameters_(network.num_parameters()),
        isa_(isa),
        options_(options),
        input_(static_cast<size_t>(network.input().size())),
        action_(static_cast<size_t>(network.num_outputs())),
        noise_(action_.size()) {}

  Result Run(std::span<const float> parameters, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
             const std::atomic<bool>& cancel) override {
    forward_->SetParameters(parameters.first(num_parameters_));
    normaliser_ = parameters.subspan(num_parameters_);
    Result result;
    for (const EpisodeStart& start : starts) {
      EpisodeNotes notes;
      result.episodes.push_back(Play(start, how, notes, steps_run, cancel));
      if (how.notes.any()) result.notes.push_back(std::move(notes));
    }
    return result;
  }

 private:
  Episode Play(const EpisodeStart& start, const EpisodeOptions& how, EpisodeNotes& notes,
               std::atomic<uint64_t>& steps_run, const std::atomic<bool>& cancel) {
    Episode episode{.start = start, .end = EpisodeEnd::kStepLimit};
    if (how.notes.observation_sums) notes.observation_sums.assign(1 + 2 * input_.size(), 0);
    environment_->Reset(start.seed);
    forward_->ForgetLane(kLane);
    const auto frames = static_cast<uint64_t>(environment_->spec().frames_per_step);
    while (episode.steps < how.max_steps && !cancel.load(std::memory_order_relaxed)) {
      Decide(how, episode, notes);
      const ControlStep step = environment_->Step(action_);
      ++episode.steps;
      episode.frames += frames;
      steps_run.fetch_add(1, std::memory_order_relaxed);
      if (step.invalid) {
        episode.end = EpisodeEnd::kInvalid;
        episode.score = std::min(episode.score, 0.0);
        break;
      }
      const bool leave_out_bonus = how.perturbed && !options_.train_with_bonus;
      const double reward = leave_out_bonus ? step.reward - step.bonus : step.reward;
      episode.score += reward;
      if (how.notes.sign_sum) notes.sign_sum += Sign(reward);
      if (step.terminal) {
        episode.end = EpisodeEnd::kTerminal;
        break;
      }
    }
    episode.descriptor = DescriptorFromPoint(environment_->position());
    return episode;
  }

  void Decide(const EpisodeOptions& how, const Episode& episode, EpisodeNotes& notes) {
    const std::span<const float> seen = environment_->observation();
    if (how.notes.observation_sums) Note(seen, notes.observation_sums);
    std::ranges::copy(seen, input_.begin());
    if (!normaliser_.empty()) Normalise();
    forward_->Run({&kLane, 1}, std::span<const float>(input_), action_);
    if (!how.perturbed || options_.action_noise == 0) return;
    FillNormal({.seed = episode.start.seed,
                .generation = 0,
                .item = episode.steps,
                .purpose = Purpose::kActionNoise},
               0, noise_, isa_);
    for (size_t i = 0; i < action_.size(); ++i) {
      action_[i] = std::fma(options_.action_noise, noise_[i], action_[i]);
    }
  }

  static void Note(std::span<const float> seen, std::span<double> sums) {
    sums[0] += 1;
    for (size_t i = 0; i < seen.size(); ++i) {
      const double value = seen[i];
      sums[1 + i] += value;
      sums[1 + seen.size() + i] += value * value;
    }
  }

  void Normalise() {
    const size_t size = input_.size();
    const float clip = options_.observation_clip;
    for (size_t i = 0; i < size; ++i) {
      const float normal = (input_[i] - normaliser_[i]) * normaliser_[size + i];
      input_[i] = clip > 0 ? std::clamp(normal, -clip, clip) : normal;
    }
  }

  std::unique_ptr<ControlEnvironment> environment_;
  std::unique_ptr<Forward> forward_;
  size_t num_parameters_;
  Isa isa_;
  ControlOptions options_;
  std::span<const float> normaliser_;  // empty: none
  std::vector<float> input_;
  std::vector<float> action_;
  std::vector<float> noise_;
};

class ControlTask final : public Task {
 public:
  ControlTask(uint32_t step_limit, ControlFactory make, std::shared_ptr<const Network> network,
              const ControlOptions& options)
      : step_limit_(step_limit),
        make_(std::move(make)),
        network_(std::move(network)),
        options_(options) {}

  size_t num_parameters() const override { return network_->num_parameters(); }
  size_t num_normalised() const override {
    return options_.normalise_observations ? static_cast<size_t>(network_->input().size()) : 0;
  }

  Initialiser initialiser(Isa isa) const override {
    return [network = network_, isa](const StreamId& id, std::span<float> policy) {
      const size_t num_parameters = network->num_parameters();
      network->Initialise(id, policy.first(num_parameters), isa);
      const auto normaliser = policy.subspan(num_parameters);
      std::ranges::fill(normaliser.first(normaliser.size() / 2), 0.0f);
      std::ranges::fill(normaliser.subspan(normaliser.size() / 2), 1.0f);
    };
  }

  EpisodeStart DrawStart(Stream& stream) const override {
    return {.noops = 0, .seed = stream.Next64()};
  }

  std::vector<double> Point(std::span<const uint8_t> descriptor) const override {
    return PointFromDescriptor(descriptor);
  }

  uint32_t step_limit() const override { return step_limit_; }
  int lanes() const override { return 1; }

  std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const override {
    // After a few 512-bit instructions some processors simulate the next frames 6 to 9 % slower,
    // more than the narrow network costs. The bits are the same.
    const Isa narrow = isa == Isa::kAvx512 ? Isa::kAvx2 : isa;
    return std::make_unique<ControlWorker>(make_(), *network_, narrow, options_);
  }

 private:
  uint32_t step_limit_;
  ControlFactory make_;
  std::shared_ptr<const Network> network_;
  ControlOptions options_;
};

}  // namespace

std::unique_ptr<Task> MakeControlTask(const ControlSpec& spec, ControlFactory make,
                                      std::shared_ptr<const Network> network,
                                      const ControlOptions& options) {
  DNE_CHECK(network->input().size() == spec.num_observations);
  DNE_CHECK(network->num_outputs() == spec.num_actions);
  return std::make_unique<ControlTask>(static_cast<uint32_t>(spec.max_episode_steps),
                                       std::move(make), std::move(network), options);
}

std::shared_ptr<const Network> MakeControlNetwork(const ControlSpec& spec,
                                                  const NetworkSpec& network) {
  return std::make_shared<const Network>(network, Shape{.channels = spec.num_observations},
                                         spec.num_actions);
}

}  // namespace dne
