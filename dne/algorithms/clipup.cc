// SPDX-License-Identifier: MIT
#include "dne/algorithms/clipup.h"

#include <cmath>

#include "dne/algorithms/moments.h"
#include "dne/algorithms/parameter_steps.h"
#include "dne/base/error.h"

namespace dne {
namespace {

double Length(std::span<const float> vector, const ParallelFor& parallel) {
  const Squares sums = SumOverBlocks(vector.size(), parallel, [&](size_t first, size_t end) {
    Squares squares;
    for (size_t i = first; i < end; ++i) squares.step += Square(vector[i]);
    return squares;
  });
  return std::sqrt(sums.step);
}

class ClipUp final : public Optimizer {
 public:
  ClipUp(const ClipUpOptions& options, size_t num_parameters)
      : options_(options), moments_(num_parameters) {}

  StepNorms Step(std::span<const float> gradient, uint64_t generation, std::span<float> parameters,
                 const ParallelFor& parallel) override {
    std::vector<float>& velocity = moments_.first;
    DNE_CHECK(gradient.size() == velocity.size() && parameters.size() == velocity.size());
    const double speed = Accelerate(gradient, parallel);
    const bool too_fast = speed > options_.max_speed;
    const float factor = too_fast ? static_cast<float>(options_.max_speed / speed) : 1.0f;
    const float length =
        StepLength(options_.learning_rate, options_.learning_rate_schedule, generation);
    return MoveParameters(parameters, length, parallel, [&](size_t first, std::span<float> steps) {
      for (size_t i = 0; i < steps.size(); ++i) steps[i] = velocity[first + i] *= factor;
    });
  }

  bool IsFinite() const override { return moments_.IsFinite(); }
  void Save(ByteWriter& out) const override { moments_.Save(out); }
  void Restore(ByteReader& in) override { moments_.Restore(in); }

 private:
  // Returns the speed.
  double Accelerate(std::span<const float> gradient, const ParallelFor& parallel) {
    std::vector<float>& velocity = moments_.first;
    const double slope = Length(gradient, parallel);
    const auto kept = static_cast<float>(options_.momentum);
    const auto rate = static_cast<float>(slope > 0 ? options_.learning_rate / slope : 0);
    const Squares sums = SumOverBlocks(velocity.size(), parallel, [&](size_t first, size_t end) {
      Squares squares;
      for (size_t i = first; i < end; ++i) {
        velocity[i] = kept * velocity[i] + rate * gradient[i];
        squares.step += Square(velocity[i]);
      }
      return squares;
    });
    return std::sqrt(sums.step);
  }

  ClipUpOptions options_;
  Moments moments_;
};

}  // namespace

void ClipUpOptions::Visit(Fields& fields) {
  VisitMomentum(fields, learning_rate, learning_rate_schedule, momentum);
  fields.Add("max_speed", max_speed, Range<double>{1e-9, 1e9}, "the longest step (2008.02387)");
}

const OptimizerKind kClipUp = {.name = "clipup",
                               .defaults = DefaultsOf<ClipUpOptions>,
                               .make = MakeOptimizerAs<ClipUpOptions, ClipUp>};

}  // namespace dne
