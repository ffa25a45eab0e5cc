// SPDX-License-Identifier: MIT
#include "dne/algorithms/adam.h"

#include <cmath>

#include "dne/algorithms/moments.h"
#include "dne/algorithms/parameter_steps.h"
#include "dne/base/error.h"

namespace dne {
namespace {

constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

struct Rates {
  float step, beta1, beta2, rest1, rest2, epsilon;
};

// Without aliases, so that it vectorises.
void Steps(const Rates rates, size_t size, const float* __restrict gradient,
           float* __restrict means, float* __restrict squares, float* __restrict steps) {
  for (size_t i = 0; i < size; ++i) {
    const float g = gradient[i];
    means[i] = rates.beta1 * means[i] + rates.rest1 * g;
    squares[i] = rates.beta2 * squares[i] + rates.rest2 * (g * g);
    steps[i] = rates.step * means[i] / (std::sqrt(squares[i]) + rates.epsilon);
  }
}

class Adam final : public Optimizer {
 public:
  Adam(const AdamOptions& options, size_t num_parameters)
      : options_(options), moments_(num_parameters) {
    moments_.second.assign(num_parameters, 0.0f);
  }

  StepNorms Step(std::span<const float> gradient, uint64_t generation, std::span<float> parameters,
                 const ParallelFor& parallel) override {
    DNE_CHECK(gradient.size() == moments_.first.size() && parameters.size() == gradient.size());
    moments_.first_power *= options_.momentum;
    moments_.second_power *= kBeta2;
    const double rate =
        options_.learning_rate * std::sqrt(1 - moments_.second_power) / (1 - moments_.first_power);
    const Rates rates{.step = static_cast<float>(rate),
                      .beta1 = static_cast<float>(options_.momentum),
                      .beta2 = static_cast<float>(kBeta2),
                      .rest1 = static_cast<float>(1 - options_.momentum),
                      .rest2 = static_cast<float>(1 - kBeta2),
                      .epsilon = static_cast<float>(kEpsilon)};
    const float length =
        StepLength(options_.learning_rate, options_.learning_rate_schedule, generation);
    return MoveParameters(parameters, length, parallel, [&](size_t first, std::span<float> steps) {
      Steps(rates, steps.size(), &gradient[first], &moments_.first[first], &moments_.second[first],
            steps.data());
    });
  }

  bool IsFinite() const override { return moments_.IsFinite(); }
  void Save(ByteWriter& out) const override { moments_.Save(out); }
  void Restore(ByteReader& in) override { moments_.Restore(in); }

 private:
  AdamOptions options_;
  Moments moments_;
};

}  // namespace

void AdamOptions::Visit(Fields& fields) {
  VisitMomentum(fields, learning_rate, learning_rate_schedule, momentum);
}

const OptimizerKind kAdam = {.name = "adam",
                             .defaults = DefaultsOf<AdamOptions>,
                             .make = MakeOptimizerAs<AdamOptions, Adam>};

}  // namespace dne
