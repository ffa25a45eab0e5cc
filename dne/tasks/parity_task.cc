// SPDX-License-Identifier: MIT
#include "dne/tasks/parity_task.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "dne/base/error.h"
#include "dne/nn/forward.h"
#include "dne/tasks/network_model.h"

namespace dne {
namespace {

constexpr double kLeastProbability = 1e-7;

using Strings = std::array<float, kParityStrings>;

// The bit of each string that is shown at a step: the highest first.
Strings BitsAt(int step) {
  Strings bits{};
  for (int string = 0; string < kParityStrings; ++string) {
    bits[static_cast<size_t>(string)] = static_cast<float>(string >> (kParityBits - 1 - step) & 1);
  }
  return bits;
}

bool IsOdd(size_t string) { return std::popcount(string) % 2 == 1; }

class ParityWorker final : public TaskWorker {
 public:
  ParityWorker(const Network& network, Isa isa)
      : forward_(MakeForward(network, isa, kParityStrings)) {}

  // There is one episode, whatever the start.
  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
             const std::atomic<bool>&) override {
    forward_->SetParameters(policy.numbers);
    for (int lane = 0; lane < kParityStrings; ++lane) forward_->SetChange(lane, policy.change);
    const Episode episode = Judge(Answers());
    Result result;
    for (const EpisodeStart& start : starts) {
      result.episodes.push_back(episode);
      result.episodes.back().start = start;
      if (how.notes.any()) result.notes.emplace_back();
    }
    steps_run += starts.size();
    return result;
  }

 private:
  // The last output of each string.
  Strings Answers() {
    std::array<int, kParityStrings> lanes{};
    std::iota(lanes.begin(), lanes.end(), 0);
    for (const int lane : lanes) forward_->ForgetLane(lane);
    Strings outputs{};
    for (int step = 0; step < kParityBits; ++step) {
      forward_->Run(lanes, std::span<const float>(BitsAt(step)), outputs);
    }
    return outputs;
  }

  static Episode Judge(const Strings& probabilities) {
    Episode episode{.steps = 1, .frames = 1};
    int right = 0;
    for (size_t string = 0; string < probabilities.size(); ++string) {
      const double odd = probabilities[string];
      if (std::isnan(odd)) return Broken(episode);
      const double of_right = IsOdd(string) ? odd : 1 - odd;
      episode.score += std::log(std::max(of_right, kLeastProbability)) / kParityStrings;
      right += (odd > 0.5) == IsOdd(string);
      episode.descriptor.push_back(odd > 0.5);
    }
    if (right == kParityStrings) episode.end = EpisodeEnd::kSolved;
    return episode;
  }

  static Episode Broken(Episode episode) {
    episode.score = std::log(kLeastProbability);
    episode.end = EpisodeEnd::kInvalid;
    episode.descriptor.assign(kParityStrings, 0);
    return episode;
  }

  std::unique_ptr<Forward> forward_;
};

class ParityModel final : public NetworkModel {
 public:
  ParityModel(const Network& network, Isa isa) : NetworkModel(network, isa) {
    for (size_t string = 0; string < kParityStrings; ++string) {
      for (int step = 0; step < kParityBits; ++step) shown_.push_back(BitsAt(step)[string]);
    }
  }

  // Everybody sees the same.
  Experience Play(std::span<const float>, const StreamId&, const EpisodeOptions&) override {
    return {};
  }

  void SetParent(std::span<const float> policy, const Experience&) override {
    SetExperiences(policy,
                   {.bytes = {}, .floats = shown_, .lengths = lengths_, .last_outputs_only = true});
  }

 private:
  std::vector<float> shown_;
  std::vector<uint32_t> lengths_ = std::vector<uint32_t>(kParityStrings, kParityBits);
};

class ParityTask final : public Task {
 public:
  explicit ParityTask(std::shared_ptr<const Network> network)
      : network_(std::move(network)), layout_(LayoutOf(*network_, 0)) {}

  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa isa) const override {
    return [this, isa](const StreamId& id, std::span<float> policy) {
      network_->Initialise(id, policy, isa);
    };
  }
  EpisodeStart DrawStart(Stream&) const override { return {}; }
  uint32_t step_limit() const override { return 1; }
  bool plays_factors() const override { return true; }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const override {
    return std::make_unique<ParityWorker>(*network_, isa);
  }
  std::unique_ptr<OutputModel> MakeOutputModel(Isa isa) const override {
    return std::make_unique<ParityModel>(*network_, isa);
  }

 private:
  std::shared_ptr<const Network> network_;
  PolicyLayout layout_;
};

Setup MakeSetup(const Options&, const TaskContext& context) {
  Setup setup;
  setup.network =
      std::make_shared<const Network>(context.network, Shape{.channels = 1}, /*num_outputs=*/1);
  if (!setup.network->has_state()) {
    throw Error(
        "parity shows one bit a step, but the network remembers none: give it a layer of type "
        "\"rnn\", \"gru\" or \"lstm\"");
  }
  if (context.network.output_activation != Activation::kSigmoid) {
    throw Error(
        "parity reads the network's output as a probability: give output_activation = "
        "\"sigmoid\" in [network]");
  }
  setup.task = MakeParityTask(setup.network);
  return setup;
}

}  // namespace

std::unique_ptr<Task> MakeParityTask(std::shared_ptr<const Network> network) {
  return std::make_unique<ParityTask>(std::move(network));
}

const TaskKind kParityKind = {.name = "parity",
                              .network_preset = "parity_rnn",
                              .defaults = DefaultsOf<NoOptions>,
                              .facts =
                                  [](const Options&) {
                                    return TaskFacts{.has_step_limit = true,
                                                     .can_be_solved = true,
                                                     .has_byte_behaviours = true};
                                  },
                              .check = [](const Options&, bool, Mistakes&) {},
                              .environments = [] { return std::vector<std::string>{"parity"}; },
                              .environment = [](const Options&) { return std::string("parity"); },
                              .make = MakeSetup,
                              .floor_plan = nullptr};

}  // namespace dne
