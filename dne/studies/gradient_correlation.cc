// SPDX-License-Identifier: MIT
#include "dne/studies/gradient_correlation.h"

#include <array>
#include <cmath>
#include <memory>
#include <numeric>

#include "dne/base/error.h"
#include "dne/base/statistics.h"
#include "dne/experiment/setup.h"
#include "dne/studies/fitness_gradient.h"
#include "dne/studies/gradient_run.h"
#include "dne/tasks/supervised_task.h"

namespace dne {
namespace {

struct NamedShaping {
  FitnessShaping shaping;
  const char* name;
};
constexpr std::array<NamedShaping, 2> kShapings = {
    {{FitnessShaping::kRaw, "raw"}, {FitnessShaping::kCentredRank, "centred ranks"}}};

// Mini-batches by which the mean square of their gradients is told.
constexpr uint32_t kSampledBatches = 400;

double Cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0;
  double square_a = 0;
  double square_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    product += double{a[i]} * double{b[i]};
    square_a += double{a[i]} * double{a[i]};
    square_b += double{b[i]} * double{b[i]};
  }
  return square_a > 0 && square_b > 0 ? product / std::sqrt(square_a * square_b) : 0;
}

double Square(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * double{value};
  return sum;
}

// What the estimates are held to.
struct Truth {
  std::vector<float> uphill;  // the gradient of the fitness
  // |g|^2 of the mini-batches that pairs see, on average, over that of `uphill`.
  double excess = 1;
  double excess_deviation = 0;  // standard deviation of one mini-batch's
};

StreamId EpisodesOf(const CorrelationOptions& options, uint32_t member) {
  return {.seed = options.seed,
          .generation = options.iteration,
          .item = options.cloud.EpisodesOf(member),
          .purpose = Purpose::kTrainEpisode};
}

Truth FindTruth(const Setup& setup, std::span<const float> parameters,
                const CorrelationOptions& options, Isa isa) {
  FitnessGradient gradient(setup, isa);
  if (options.cloud.shared_episodes == SharedEpisodes::kGeneration) {
    return {
        .uphill = gradient.Run(parameters, SharedImages(setup, options.seed, options.iteration)),
        .excess = 1};
  }
  std::vector<uint32_t> all(setup.images->train.size());
  std::iota(all.begin(), all.end(), 0u);
  Truth truth{.uphill = gradient.Run(parameters, all)};
  std::vector<double> excesses;
  for (uint32_t i = 0; i < kSampledBatches; ++i) {
    Stream stream(EpisodesOf(options, 2 * i));
    const EpisodeStart start = setup.task->DrawStart(stream);
    const std::vector<float> of_batch =
        gradient.Run(parameters, DrawBatch(start.seed.value(), setup.batch_size, all.size()));
    excesses.push_back(Square(of_batch) / Square(truth.uphill));
  }
  truth.excess = Mean(excesses);
  truth.excess_deviation = StandardDeviation(excesses);
  return truth;
}

Plan PlanOf(const Setup& setup, std::span<const float> parameters,
            const CorrelationOptions& options) {
  const Genome centre{
      .run_seed = options.seed, .founder = CentreBirth(options.iteration - 1, 0), .mutations = {}};
  Plan plan{.generation = options.iteration,
            .round = "train",
            .parents = {},
            .centres = {{centre.founder, std::make_shared<const std::vector<float>>(
                                             parameters.begin(), parameters.end())}},
            .perturbation = options.perturbation,
            .items = {}};
  for (int i = 0; i < options.cloud.population_size; ++i) {
    plan.items.push_back(
        {.genome = CloudMember(options.cloud, centre, options.iteration, static_cast<uint32_t>(i)),
         .episodes = EpisodesOf(options, static_cast<uint32_t>(i)),
         .num_episodes = 1,
         .how = {.max_steps = setup.task->step_limit(), .perturbed = true}});
  }
  return plan;
}

// The cosine to m pairs' estimate is sqrt(chi^2_m / m) times the expected one. Where mini-batches
// differ, so do the pairs', and those by which the expected one is told.
double DeviationOf(double expected, double pairs, const Truth& truth) {
  const double of_noise = 1 / (2 * pairs);
  const double of_batches =
      std::pow(truth.excess_deviation / truth.excess, 2) / 4 * (1 / pairs + 1.0 / kSampledBatches);
  return expected * (1 - expected * expected) * std::sqrt(of_noise + of_batches);
}

}  // namespace

void Correlations::Save(ByteWriter& out) const {
  out.AddText(where);
  out.Add(static_cast<uint64_t>(all.size()));
  for (const Correlation& each : all) {
    out.Add(static_cast<uint32_t>(each.population));
    out.AddText(each.shaping);
    out.Add(each.cosine);
    out.Add(each.expected);
    out.Add(each.deviation);
  }
}

Correlations Correlations::Read(ByteReader& in) {
  Correlations read{.where = std::string(in.ReadText()), .all = {}};
  for (uint64_t n = in.ReadCount(); n > 0; --n) {
    Correlation& each = read.all.emplace_back();
    each.population = static_cast<int>(in.Read<uint32_t>());
    each.shaping = in.ReadText();
    each.cosine = in.ReadDouble();
    each.expected = in.ReadDouble();
    each.deviation = in.ReadDouble();
  }
  return read;
}

std::vector<int> CorrelationPopulations(int largest) {
  std::vector<int> populations;
  for (const int hundredths : {1, 2, 5, 10, 20, 50, 100}) {
    const int population = static_cast<int>(int64_t{largest} * hundredths / 100) / 2 * 2;
    const bool is_new = populations.empty() || population > populations.back();
    if (population >= 2 && is_new) populations.push_back(population);
  }
  return populations;
}

std::vector<Correlation> MeasureCorrelations(const Setup& setup, std::span<const float> parameters,
                                             const CorrelationOptions& options,
                                             const EvaluatorOptions& compute, Watch& watch) {
  DNE_CHECK(options.cloud.antithetic && options.cloud.population_size % 2 == 0);
  const auto evaluator = MakeLocalEvaluator(*setup.task, compute, watch);
  const Evaluation evaluation = evaluator->Run(PlanOf(setup, parameters, options));
  std::vector<double> fitness;
  for (const Result& result : evaluation.results) fitness.push_back(result.MeanScore());
  const Truth truth = FindTruth(setup, parameters, options, compute.isa);
  const auto sums = MakeNoiseSums(compute);
  const CloudNoise noise{.run_seed = options.seed,
                         .generation = options.iteration,
                         .antithetic = true,
                         .perturbation = options.perturbation,
                         .layout = setup.task->layout(),
                         .parallel = ThreadsFor(compute.threads),
                         .isa = compute.isa,
                         .sums = sums.get()};
  std::vector<Correlation> measured;
  for (const int population : CorrelationPopulations(options.cloud.population_size)) {
    const double pairs = population / 2.0;
    const double expected = ExpectedCorrelation(pairs / truth.excess, parameters.size());
    for (const NamedShaping& each : kShapings) {
      if (watch.cancel) throw Cancelled();
      const auto first = std::span(fitness).first(static_cast<size_t>(population));
      measured.push_back(
          {.population = population,
           .shaping = each.name,
           .cosine = Cosine(noise.Sum(ShapeFitness(each.shaping, first, {})), truth.uphill),
           .expected = expected,
           .deviation = DeviationOf(expected, pairs, truth)});
    }
  }
  return measured;
}

}  // namespace dne
