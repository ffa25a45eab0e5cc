// SPDX-License-Identifier: MIT
#include "dne/algorithms/gradient_ascent.h"

#include <algorithm>
#include <cmath>

#include "dne/algorithms/parameter_steps.h"

namespace dne {
namespace {

constexpr std::array<Choice<FitnessShaping>, 5> kShapings = {
    {{"centred_rank", FitnessShaping::kCentredRank},
     {"raw", FitnessShaping::kRaw},
     {"z_score", FitnessShaping::kZScore},
     {"sign", FitnessShaping::kSign},
     {"centred_sign_rank", FitnessShaping::kCentredSignRank}}};

std::vector<double> DividedBy(std::span<const double> scores, size_t count) {
  std::vector<double> weights(scores.begin(), scores.end());
  for (double& weight : weights) weight /= static_cast<double>(count);
  return weights;
}

std::unique_ptr<Optimizer> MakeOptimizer(const AscentOptions& options, size_t num_parameters) {
  return options.optimizer.kind->make(options.optimizer.options, num_parameters);
}

class Es final : public Update {
 public:
  Es(const AscentOptions& options, const PerturbationSpec& perturbation, size_t top_directions,
     size_t num_parameters)
      : options_(options),
        perturbation_(perturbation),
        top_directions_(top_directions),
        optimizer_(MakeOptimizer(options, num_parameters)) {}

  PerturbationSpec perturbation() const override { return perturbation_; }

  bool reads_reward_signs() const override {
    return top_directions_ == 0 && ReadsRewardSigns(options_.shaping);
  }
  std::vector<double> Score(const CloudResults& members) const override {
    if (top_directions_ > 0) return TopDirections(members.fitness, top_directions_);
    return ShapeFitness(options_.shaping, members.fitness, members.sign_sums);
  }

  void Move(const CloudNoise& noise, std::span<const double> scores,
            const PolicyParts<float>& centre, Metrics& metrics) override {
    const size_t counted = top_directions_ > 0 ? top_directions_ : scores.size();
    Ascend(noise.Sum(DividedBy(scores, counted)), options_.l2_coefficient, noise.generation,
           noise.parallel, *optimizer_, centre.parameters, metrics);
  }

  bool IsFinite() const override { return optimizer_->IsFinite(); }
  std::string_view step_options() const override { return "learning_rate or sigma"; }
  void Save(ByteWriter& out) const override { optimizer_->Save(out); }
  void Restore(ByteReader& in) override { optimizer_->Restore(in); }

 private:
  AscentOptions options_;
  PerturbationSpec perturbation_;
  size_t top_directions_;
  std::unique_ptr<Optimizer> optimizer_;
};

class Pgpe final : public Update {
 public:
  Pgpe(const AscentOptions& options, const SpreadOptions& spreads, size_t num_parameters)
      : options_(options), spreads_(spreads), optimizer_(MakeOptimizer(options, num_parameters)) {}

  PerturbationSpec perturbation() const override { return {PerturbationKind::kSpread}; }

  bool reads_reward_signs() const override { return ReadsRewardSigns(options_.shaping); }
  std::vector<double> Score(const CloudResults& members) const override {
    return ShapeFitness(options_.shaping, members.fitness, members.sign_sums);
  }

  void Move(const CloudNoise& noise, std::span<const double> scores,
            const PolicyParts<float>& centre, Metrics& metrics) override {
    const std::vector<double> weights = DividedBy(scores, scores.size());
    std::vector<float> gradient = noise.Sum(weights);
    for (size_t i = 0; i < gradient.size(); ++i) gradient[i] *= centre.spreads[i];
    Ascend(std::move(gradient), options_.l2_coefficient, noise.generation, noise.parallel,
           *optimizer_, centre.parameters, metrics);
    MoveSpreads(noise.SumOfSquares(weights), centre.spreads);
    DescribeSpreads(noise.sigma, centre.spreads, metrics);
  }

  bool IsFinite() const override { return optimizer_->IsFinite(); }
  std::string_view step_options() const override {
    return "learning_rate, sigma_learning_rate or sigma";
  }
  void Save(ByteWriter& out) const override { optimizer_->Save(out); }
  void Restore(ByteReader& in) override { optimizer_->Restore(in); }

 private:
  void MoveSpreads(std::span<const float> gradient, std::span<float> spreads) const {
    const auto rate = static_cast<float>(spreads_.learning_rate);
    const auto most = static_cast<float>(spreads_.max_change);
    for (size_t i = 0; i < spreads.size(); ++i) {
      spreads[i] += spreads[i] * std::clamp(rate * gradient[i], -most, most);
    }
  }

  AscentOptions options_;
  SpreadOptions spreads_;
  std::unique_ptr<Optimizer> optimizer_;
};

}  // namespace

void AscentOptions::Visit(Fields& fields) {
  VisitShaping(fields);
  VisitStep(fields);
}

Field& AscentOptions::VisitShaping(Fields& fields) {
  return fields.Add("fitness_shaping", shaping, kShapings, "what a member's fitness counts for");
}

void AscentOptions::VisitStep(Fields& fields) {
  optimizer.Visit(fields, "optimizer", OptimizerKinds(), "how the centre follows the gradient");
  fields.Add("l2_coefficient", l2_coefficient, Range<float>{0, 1000},
             "weight decay in the gradient");
}

void SpreadOptions::Visit(Fields& fields) {
  fields.Add("sigma_learning_rate", learning_rate, Range<double>{0, 1000},
             "how fast each parameter's sigma follows its gradient");
  fields.Add("sigma_max_change", max_change, Range<double>{0, 0.999},
             "the largest change of a sigma in a generation, as a share of it");
}

void Ascend(std::vector<float> gradient, float l2_coefficient, uint64_t generation,
            const ParallelFor& parallel, Optimizer& optimizer, std::span<float> parameters,
            Metrics& metrics) {
  metrics["gradient_norm"] = Norm(gradient);
  ForEachBlock(gradient.size(), parallel, [&](size_t, size_t first, size_t end) {
    for (size_t i = first; i < end; ++i) {
      gradient[i] = std::fma(-l2_coefficient, parameters[i], gradient[i]);
    }
  });
  const StepNorms norms = optimizer.Step(gradient, generation, parameters, parallel);
  DescribeStep(norms, metrics);
}

UpdateMaker EsUpdate(const AscentOptions& options, const PerturbationSpec& perturbation,
                     int top_directions) {
  return [options, perturbation, top_directions](size_t num_parameters) {
    return std::make_unique<Es>(options, perturbation, static_cast<size_t>(top_directions),
                                num_parameters);
  };
}

UpdateMaker PgpeUpdate(const AscentOptions& options, const SpreadOptions& spreads) {
  return [options, spreads](size_t num_parameters) {
    return std::make_unique<Pgpe>(options, spreads, num_parameters);
  };
}

}  // namespace dne
