// SPDX-License-Identifier: MIT
#include "dne/algorithms/snes.h"

#include <algorithm>
#include <cmath>

#include "dne/algorithms/shaping.h"

namespace dne {
namespace {

// Those of members by their places, the best first.
std::vector<double> UtilitiesOfPlaces(size_t count) {
  const auto members = static_cast<double>(count);
  std::vector<double> utilities;
  double sum = 0;
  for (size_t k = 1; k <= count; ++k) {
    const double raw = std::log(members / 2 + 1) - std::log(static_cast<double>(k));
    utilities.push_back(std::max(0.0, raw));
    sum += utilities.back();
  }
  for (double& utility : utilities) utility = utility / sum - 1 / members;
  return utilities;
}

class Snes final : public Update {
 public:
  Snes(const SnesOptions& options, size_t num_parameters) : learning_rate_(options.learning_rate) {
    const auto size = static_cast<double>(num_parameters);
    sigma_learning_rate_ =
        options.sigma_learning_rate.value_or((3 + std::log(size)) / (5 * std::sqrt(size)));
  }

  PerturbationSpec perturbation() const override { return {PerturbationKind::kSpread}; }

  std::vector<double> Score(const CloudResults& members) const override {
    return Utilities(members.fitness);
  }

  void Move(const CloudNoise& noise, std::span<const double> scores,
            const PolicyParts<float>& centre, Metrics& metrics) override {
    const std::vector<float> gradient = noise.Sum(scores);
    const std::vector<float> curvature = noise.SumOfSquares(scores);
    metrics["gradient_norm"] = Norm(gradient);
    const double before = Norm(centre.parameters);
    const auto rate = static_cast<float>(learning_rate_ * double{noise.sigma});
    double squared_step = 0;
    for (size_t i = 0; i < centre.parameters.size(); ++i) {
      const float step = rate * centre.spreads[i] * gradient[i];
      centre.parameters[i] += step;
      squared_step += double{step} * double{step};
      centre.spreads[i] *=
          static_cast<float>(std::exp(sigma_learning_rate_ / 2 * double{curvature[i]}));
    }
    DescribeStep({.step = std::sqrt(squared_step), .parameters = before}, metrics);
    DescribeSpreads(noise.sigma, centre.spreads, metrics);
  }

  std::string_view step_options() const override {
    return "learning_rate, sigma_learning_rate or sigma";
  }

 private:
  double learning_rate_;
  double sigma_learning_rate_;
};

}  // namespace

std::vector<double> Utilities(std::span<const double> fitness) {
  const std::vector<double> of_places = UtilitiesOfPlaces(fitness.size());
  return ShareByRank(fitness, std::vector<double>(of_places.rbegin(), of_places.rend()));
}

UpdateMaker SnesUpdate(const SnesOptions& options) {
  return
      [options](size_t num_parameters) { return std::make_unique<Snes>(options, num_parameters); };
}

std::unique_ptr<Algorithm> MakeSnes(const SnesOptions& options, const StrategyContext& context) {
  return MakeStrategy(options.strategy, context, {.update = SnesUpdate(options)});
}

void SnesOptions::Visit(Fields& fields) {
  strategy.Visit(fields);
  strategy.rounds.VisitInterval(fields);
  fields.Add("learning_rate", learning_rate, Range<double>{1e-9, 1000}, "of the mean");
  fields.Add("sigma_learning_rate", sigma_learning_rate, Range<double>{0, 1000},
             "of the sigmas; left out: (3 + log d) / (5 sqrt d) of d parameters");
}

namespace {

void Check(const SnesOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  options.strategy.Check(task, mistakes);
}

}  // namespace

const AlgorithmKind kSnes = {
    .name = "snes",
    .title = "SNES",
    .defaults = DefaultsOf<SnesOptions>,
    .check = CheckAs<SnesOptions, Check>,
    .make = MakeAs<SnesOptions, MakeSnes>,
    .rounds = [](const Options& options) { return options.As<SnesOptions>().strategy.rounds; },
    .perturbs = true,
    .perturbation = [](const Options&) { return PerturbationSpec{PerturbationKind::kSpread}; }};

}  // namespace dne
