// SPDX-License-Identifier: MIT
#include "dne/algorithms/optimizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/finite.h"

namespace dne {
namespace {

constexpr std::array<Choice<OptimizerType>, 3> kTypes = {{{"adam", OptimizerType::kAdam},
                                                          {"sgd", OptimizerType::kSgd},
                                                          {"clipup", OptimizerType::kClipUp}}};

// What one thread takes at a time. Sums over parameters are sums over these blocks, so it is part
// of the result's bits.
constexpr size_t kBlock = 16 * 1024;

// Sums of squares of one block.
struct Squares {
  double step = 0;
  double parameters = 0;
};

double Square(float value) { return double{value} * double{value}; }

// body(first, end) for each block, which returns its Squares; their sums, in index order.
template <class Body>
Squares SumOverBlocks(size_t size, const ParallelFor& parallel, const Body& body) {
  std::vector<Squares> blocks((size + kBlock - 1) / kBlock);
  parallel(blocks.size(),
           [&](size_t i) { blocks[i] = body(i * kBlock, std::min(size, (i + 1) * kBlock)); });
  Squares sum;
  for (const Squares& block : blocks) {
    sum.step += block.step;
    sum.parameters += block.parameters;
  }
  return sum;
}

// parameters += steps, which fill(first, steps) writes for one block.
template <class Fill>
StepNorms Move(std::span<float> parameters, const ParallelFor& parallel, const Fill& fill) {
  const Squares sums = SumOverBlocks(parameters.size(), parallel, [&](size_t first, size_t end) {
    std::array<float, kBlock> steps;
    fill(first, std::span(steps).first(end - first));
    Squares squares;
    for (size_t i = first; i < end; ++i) {
      squares.step += Square(steps[i - first]);
      squares.parameters += Square(parameters[i]);
      parameters[i] += steps[i - first];
    }
    return squares;
  });
  return {.step = std::sqrt(sums.step), .parameters = std::sqrt(sums.parameters)};
}

struct AdamRates {
  float step, beta1, beta2, rest1, rest2, epsilon;
};

// Without aliases, so that it vectorises.
void AdamSteps(const AdamRates rates, size_t size, const float* __restrict gradient,
               float* __restrict momentum, float* __restrict squares, float* __restrict steps) {
  for (size_t i = 0; i < size; ++i) {
    const float g = gradient[i];
    momentum[i] = rates.beta1 * momentum[i] + rates.rest1 * g;
    squares[i] = rates.beta2 * squares[i] + rates.rest2 * (g * g);
    steps[i] = rates.step * momentum[i] / (std::sqrt(squares[i]) + rates.epsilon);
  }
}

}  // namespace

void OptimizerOptions::Visit(Fields& fields) {
  fields.Add("optimizer", type, kTypes, "how the centre follows the gradient");
  fields.Add("learning_rate", learning_rate, Range<double>{1e-9, 1000}, "step size");
  fields.Add("momentum", momentum, Range<double>{0, 0.9999}, "adam's beta 1 as well");
  fields
      .Add("max_speed", max_speed, Range<double>{1e-9, 1e9},
           "clipup only: the longest step (2008.02387)")
      .OnlyIf(type == OptimizerType::kClipUp, type);
}

Optimizer::Optimizer(const OptimizerOptions& options, size_t num_parameters)
    : options_(options),
      momentum_(num_parameters, 0.0f),
      squares_(options.type == OptimizerType::kAdam ? num_parameters : 0, 0.0f) {}

StepNorms Optimizer::Step(std::span<const float> gradient, std::span<float> parameters,
                          const ParallelFor& parallel) {
  DNE_CHECK(gradient.size() == momentum_.size() && parameters.size() == momentum_.size());
  switch (options_.type) {
    case OptimizerType::kAdam:
      return AdamStep(gradient, parameters, parallel);
    case OptimizerType::kSgd:
      return SgdStep(gradient, parameters, parallel);
    case OptimizerType::kClipUp:
      return ClipUpStep(gradient, parameters, parallel);
  }
  DNE_CHECK(false);
}

StepNorms Optimizer::AdamStep(std::span<const float> gradient, std::span<float> parameters,
                              const ParallelFor& parallel) {
  beta1_power_ *= options_.momentum;
  beta2_power_ *= options_.beta2;
  const double rate = options_.learning_rate * std::sqrt(1 - beta2_power_) / (1 - beta1_power_);
  const AdamRates rates{.step = static_cast<float>(rate),
                        .beta1 = static_cast<float>(options_.momentum),
                        .beta2 = static_cast<float>(options_.beta2),
                        .rest1 = static_cast<float>(1 - options_.momentum),
                        .rest2 = static_cast<float>(1 - options_.beta2),
                        .epsilon = static_cast<float>(options_.epsilon)};
  return Move(parameters, parallel, [&](size_t first, std::span<float> steps) {
    AdamSteps(rates, steps.size(), &gradient[first], &momentum_[first], &squares_[first],
              steps.data());
  });
}

StepNorms Optimizer::SgdStep(std::span<const float> gradient, std::span<float> parameters,
                             const ParallelFor& parallel) {
  const auto kept = static_cast<float>(options_.momentum);
  const auto rate = static_cast<float>(options_.learning_rate);
  return Move(parameters, parallel, [&](size_t first, std::span<float> steps) {
    for (size_t i = 0; i < steps.size(); ++i) {
      momentum_[first + i] = kept * momentum_[first + i] + gradient[first + i];
      steps[i] = rate * momentum_[first + i];
    }
  });
}

StepNorms Optimizer::ClipUpStep(std::span<const float> gradient, std::span<float> parameters,
                                const ParallelFor& parallel) {
  const size_t size = gradient.size();
  const Squares slope = SumOverBlocks(size, parallel, [&](size_t first, size_t end) {
    Squares squares;
    for (size_t i = first; i < end; ++i) squares.step += Square(gradient[i]);
    return squares;
  });
  const double length = std::sqrt(slope.step);
  const auto kept = static_cast<float>(options_.momentum);
  const auto rate = static_cast<float>(length > 0 ? options_.learning_rate / length : 0);
  const Squares velocity = SumOverBlocks(size, parallel, [&](size_t first, size_t end) {
    Squares squares;
    for (size_t i = first; i < end; ++i) {
      momentum_[i] = kept * momentum_[i] + rate * gradient[i];
      squares.step += Square(momentum_[i]);
    }
    return squares;
  });
  const double speed = std::sqrt(velocity.step);
  const bool too_fast = speed > options_.max_speed;
  const float factor = too_fast ? static_cast<float>(options_.max_speed / speed) : 1.0f;
  return Move(parameters, parallel, [&](size_t first, std::span<float> steps) {
    for (size_t i = 0; i < steps.size(); ++i) steps[i] = momentum_[first + i] *= factor;
  });
}

bool Optimizer::IsFinite() const { return AreFinite(momentum_) && AreFinite(squares_); }

void Optimizer::Save(ByteWriter& out) const {
  out.AddFloats(momentum_);
  out.AddFloats(squares_);
  out.Add(beta1_power_);
  out.Add(beta2_power_);
}

void Optimizer::Restore(ByteReader& in) {
  std::vector<float> momentum = in.ReadFloats();
  std::vector<float> squares = in.ReadFloats();
  if (momentum.size() != momentum_.size() || squares.size() != squares_.size()) {
    throw Error("stored optimiser is for " + std::to_string(momentum.size()) + " parameters (" +
                std::to_string(squares.size()) + " with second moments), this network has " +
                std::to_string(momentum_.size()) + " (" + std::to_string(squares_.size()) +
                "): resume with the configuration of the run's beginning");
  }
  momentum_ = std::move(momentum);
  squares_ = std::move(squares);
  beta1_power_ = in.ReadDouble();
  beta2_power_ = in.ReadDouble();
}

}  // namespace dne
