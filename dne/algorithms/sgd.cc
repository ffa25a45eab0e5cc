// SPDX-License-Identifier: MIT
#include "dne/algorithms/sgd.h"

#include "dne/algorithms/moments.h"
#include "dne/algorithms/parameter_steps.h"
#include "dne/base/error.h"

namespace dne {
namespace {

class Sgd final : public Optimizer {
 public:
  Sgd(const SgdOptions& options, size_t num_parameters)
      : options_(options), moments_(num_parameters) {}

  StepNorms Step(std::span<const float> gradient, uint64_t generation, std::span<float> parameters,
                 const ParallelFor& parallel) override {
    std::vector<float>& velocity = moments_.first;
    DNE_CHECK(gradient.size() == velocity.size() && parameters.size() == velocity.size());
    const auto kept = static_cast<float>(options_.momentum);
    const auto rate = static_cast<float>(options_.learning_rate);
    const float length =
        StepLength(options_.learning_rate, options_.learning_rate_schedule, generation);
    return MoveParameters(parameters, length, parallel, [&](size_t first, std::span<float> steps) {
      for (size_t i = 0; i < steps.size(); ++i) {
        velocity[first + i] = kept * velocity[first + i] + gradient[first + i];
        steps[i] = rate * velocity[first + i];
      }
    });
  }

  bool IsFinite() const override { return moments_.IsFinite(); }
  void Save(ByteWriter& out) const override { moments_.Save(out); }
  void Restore(ByteReader& in) override { moments_.Restore(in); }

 private:
  SgdOptions options_;
  Moments moments_;
};

}  // namespace

void SgdOptions::Visit(Fields& fields) {
  VisitMomentum(fields, learning_rate, learning_rate_schedule, momentum);
}

const OptimizerKind kSgd = {
    .name = "sgd", .defaults = DefaultsOf<SgdOptions>, .make = MakeOptimizerAs<SgdOptions, Sgd>};

}  // namespace dne
