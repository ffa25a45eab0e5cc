// SPDX-License-Identifier: MIT
#include "dne/tasks/simple_model_task.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

using Pair = std::array<double, 2>;

constexpr Pair kGain = {100, 0.1};

constexpr std::array<Choice<SimpleModelData>, 3> kData = {{{"easy", SimpleModelData::kEasy},
                                                           {"medium", SimpleModelData::kMedium},
                                                           {"washout", SimpleModelData::kWashout}}};

// The inputs, which are the targets too.
std::vector<Pair> ExamplesOf(SimpleModelData data) {
  switch (data) {
    case SimpleModelData::kEasy:
      return {{0, 1}};
    case SimpleModelData::kMedium:
      return {{1, 1}};
    case SimpleModelData::kWashout:
      return {{1, 1}, {-1, -1}};
  }
  DNE_CHECK(false);
}

class SimpleModelWorker final : public TaskWorker {
 public:
  explicit SimpleModelWorker(SimpleModelData data) : examples_(ExamplesOf(data)) {}

  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
             const std::atomic<bool>&) override {
    const double error = SquaredError(policy.numbers);
    const Pair point = {policy.numbers[0], policy.numbers[1]};
    Result result;
    for (const EpisodeStart& start : starts) {
      result.episodes.push_back(
          {.start = start,
           .score = -error,
           .steps = 1,
           .frames = 1,
           .end = error <= kSimpleModelTolerance ? EpisodeEnd::kSolved : EpisodeEnd::kTerminal,
           .descriptor = DescriptorFromPoint(point)});
      if (how.notes.any()) result.notes.emplace_back();
    }
    steps_run += starts.size();
    return result;
  }

 private:
  double SquaredError(std::span<const float> policy) const {
    double error = 0;
    for (const Pair& x : examples_) {
      for (size_t i = 0; i < x.size(); ++i) {
        const double off = kGain[i] * policy[i] * x[i] - x[i];
        error += off * off;
      }
    }
    return error;
  }

  std::vector<Pair> examples_;
};

// Output i depends on parameter i alone, so each sensitivity has one term.
class SimpleOutputs final : public OutputModel {
 public:
  explicit SimpleOutputs(SimpleModelData data) : examples_(ExamplesOf(data)) {}

  // Everybody sees the same.
  Experience Play(std::span<const float>, const StreamId&, const EpisodeOptions&) override {
    return {};
  }
  void SetParent(std::span<const float> policy, const Experience&) override {
    parent_ = {policy[0], policy[1]};
  }

  void SumSensitivity(std::span<float> out) override {
    Fill(out, [](std::span<const double> gradients) {
      double sum = 0;
      for (const double g : gradients) sum += g;
      return std::abs(sum);
    });
  }
  void AbsSensitivity(std::span<float> out) override {
    Fill(out, [](std::span<const double> gradients) {
      double sum = 0;
      for (const double g : gradients) sum += std::abs(g);
      return sum / static_cast<double>(gradients.size());
    });
  }
  void SecondOrderSensitivity(std::span<const float> direction, std::span<float> out) override {
    size_t i = 0;
    Fill(out, [&](std::span<const double> gradients) {
      double curvature = 0;
      for (const double g : gradients) curvature += g * g;
      const double product = 2 * curvature / static_cast<double>(gradients.size()) * direction[i++];
      return std::sqrt(std::abs(product));
    });
  }
  double Divergence(std::span<const float> child) override {
    double divergence = 0;
    for (const Pair& x : examples_) {
      for (size_t i = 0; i < x.size(); ++i) {
        const double change = kGain[i] * (child[i] - parent_[i]) * x[i];
        divergence += change * change / static_cast<double>(examples_.size());
      }
    }
    return divergence;
  }

 private:
  // `sensitivity_of`: a parameter's, by the derivatives of its output, one an example.
  template <class SensitivityOf>
  void Fill(std::span<float> out, const SensitivityOf& sensitivity_of) const {
    for (size_t i = 0; i < out.size(); ++i) {
      std::vector<double> gradients;
      for (const Pair& x : examples_) gradients.push_back(kGain[i] * x[i]);
      out[i] = static_cast<float>(sensitivity_of(gradients));
    }
  }

  std::vector<Pair> examples_;
  Pair parent_{};
};

class SimpleModelTask final : public Task {
 public:
  explicit SimpleModelTask(SimpleModelData data) : data_(data) {}

  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa) const override {
    return [](const StreamId& id, std::span<float> policy) {
      Stream stream(id);
      for (float& parameter : policy) parameter = 2 * stream.NextFloat() - 1;
    };
  }
  EpisodeStart DrawStart(Stream&) const override { return {}; }
  uint32_t step_limit() const override { return 1; }
  std::vector<double> Point(std::span<const uint8_t> descriptor) const override {
    return PointFromDescriptor(descriptor);
  }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa) const override {
    return std::make_unique<SimpleModelWorker>(data_);
  }
  std::unique_ptr<OutputModel> MakeOutputModel(Isa) const override {
    return std::make_unique<SimpleOutputs>(data_);
  }

 private:
  PolicyLayout layout_ = {.num_parameters = 2};
  SimpleModelData data_;
};

struct SimpleModelOptions {
  SimpleModelData environment = SimpleModelData::kWashout;

  void Visit(Fields& fields) {
    fields.Add("environment", environment, kData, "which examples there are");
  }
  bool operator==(const SimpleModelOptions&) const = default;
};

Setup MakeSetup(const Options& options, const TaskContext&) {
  Setup setup;
  setup.task = MakeSimpleModelTask(options.As<SimpleModelOptions>().environment);
  return setup;
}

std::vector<std::string> Environments() {
  std::vector<std::string> words;
  for (const auto& choice : kData) words.emplace_back(choice.word);
  return words;
}

std::string EnvironmentOf(const Options& options) {
  const SimpleModelData chosen = options.As<SimpleModelOptions>().environment;
  return std::string(std::ranges::find(kData, chosen, [](const auto& c) { return c.value; })->word);
}

}  // namespace

std::unique_ptr<Task> MakeSimpleModelTask(SimpleModelData data) {
  return std::make_unique<SimpleModelTask>(data);
}

const TaskKind kSimpleModelKind = {
    .name = "simple_model",
    .network_preset = {},
    .defaults = DefaultsOf<SimpleModelOptions>,
    .facts =
        [](const Options&) { return TaskFacts{.has_step_limit = true, .can_be_solved = true}; },
    .check = [](const Options&, bool, Mistakes&) {},
    .environments = Environments,
    .environment = EnvironmentOf,
    .make = MakeSetup,
    .floor_plan = nullptr};

}  // namespace dne
