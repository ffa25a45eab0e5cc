// SPDX-License-Identifier: MIT
#include "dne/studies/gradient_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dne/algorithms/es.h"
#include "dne/algorithms/sgd.h"
#include "dne/base/error.h"
#include "dne/experiment/config.h"
#include "dne/experiment/setup.h"
#include "dne/studies/gradient_correlation.h"
#include "dne/tasks/supervised_task.h"
#include "tests/expect_error.h"

namespace dne {
namespace {

const EvaluatorOptions kOneThread{.threads = 1, .clock = [] { return 0.0; }};
const EvaluatorOptions kTwoThreads{.threads = 2, .clock = [] { return 0.0; }};

ExperimentConfig Config() {
  return ParseConfig(R"(
[task]
type = "supervised"
environment = "patches"
batch_size = 20
[network]
output_scale = 1
layers = [ { type = "conv2d", units = 4, kernel = 4, stride = 4 } ]
[algorithm]
type = "es"
population_size = 40
sigma = 0.002
shared_episodes = "generation"
fitness_shaping = "raw"
optimizer = "adam"
learning_rate = 0.02
l2_coefficient = 0.0
max_episode_steps = 0
[budget]
generations = 2
)",
                     "test");
}

const Setup& Patches() {
  static const Setup setup = MakeSetup(Config());
  return setup;
}

std::vector<float> First(uint64_t seed = 1) {
  ExperimentConfig config = Config();
  config.seed = seed;
  const auto es = MakeAlgorithm(config, *Patches().task, {.isa = Isa::kScalar});
  return *es->Ask().centres.front().parameters;
}

std::vector<float> Difference(std::span<const float> a, std::span<const float> b) {
  std::vector<float> difference(a.begin(), a.end());
  for (size_t i = 0; i < b.size(); ++i) difference[i] -= b[i];
  return difference;
}

// Plain steps of length 1, so that a step is the gradient itself.
GradientRunOptions Plain(const NoiseModel& noise = {}) {
  return {.seed = 1,
          .ascent = {.optimizer = {kSgd, SgdOptions{.learning_rate = 1, .momentum = 0}},
                     .l2_coefficient = 0},
          .noise = noise};
}

std::vector<float> StepOf(const GradientRunOptions& options, Isa isa = BestIsa()) {
  const std::vector<float> first = First(options.seed);
  GradientRun run(Patches(), options, first, isa);
  run.Step();
  return Difference(run.parameters(), first);
}

// Of the loss.
std::vector<float> GradientOn(std::span<const uint32_t> images, uint64_t seed = 1) {
  std::vector<float> gradient = FitnessGradient(Patches(), Isa::kScalar).Run(First(seed), images);
  for (float& g : gradient) g = -g;
  return gradient;
}

double Product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

// The first step of an evolution strategy of 20 pairs with own images whose step is its estimate.
std::vector<float> StepOfEs(uint64_t seed) {
  ExperimentConfig config = Config();
  config.seed = seed;
  EsOptions& es = config.algorithm.options.As<EsOptions>();
  es.strategy.cloud.shared_episodes = SharedEpisodes::kPair;
  es.ascent.optimizer = {
      kSgd, SgdOptions{.learning_rate = 1 / double{es.strategy.cloud.sigma}, .momentum = 0}};
  const auto algorithm = MakeAlgorithm(config, *Patches().task, {});
  Watch watch;
  const auto evaluator = MakeThreadEvaluator(*Patches().task, kOneThread, watch);
  while (true) {
    const Plan plan = algorithm->Ask();
    const auto summary = algorithm->Tell(plan, evaluator->Run(plan).results);
    if (!summary || summary->centres.empty()) continue;
    return Difference(*summary->centres.front().parameters, First(seed));
  }
}

// The paper's own two numbers: 10,000 and 274,000 pseudo-offspring, 3,274,634 parameters.
TEST(GradientRun, TheLawGivesThePublishedCorrelations) {
  EXPECT_NEAR(ExpectedCorrelation(5'000, 3'274'634), 0.039, 0.0002);
  EXPECT_NEAR(ExpectedCorrelation(137'000, 3'274'634), 0.20, 0.0005);
}

TEST(FitnessGradient, IsMinusTheLosss) {
  const std::vector<uint32_t> images = {5, 17};
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> labels;
  for (const uint32_t i : images) {
    const auto image = Patches().images->train.image(i);
    pixels.insert(pixels.end(), image.begin(), image.end());
    labels.push_back(Patches().images->train.labels[i]);
  }
  std::vector<float> expected(First().size());
  LossGradient(*Patches().network, Isa::kScalar).Run(First(), pixels, labels, expected);
  EXPECT_EQ(GradientOn(images), expected);
}

TEST(GradientRun, LearnsFromTheImagesThatTheMembersOfAGenerationShare) {
  const ExperimentConfig config = Config();
  const auto es = MakeAlgorithm(config, *Patches().task, {.isa = Isa::kScalar});
  Watch watch;
  const auto evaluator = MakeThreadEvaluator(*Patches().task, kOneThread, watch);
  for (const uint32_t generation : {1u, 2u}) {
    Plan plan = es->Ask();
    while (plan.round != "train") {
      es->Tell(plan, evaluator->Run(plan).results);
      plan = es->Ask();
    }
    ASSERT_EQ(plan.generation, generation);
    Stream stream(plan.items.back().episodes);
    const EpisodeStart start = Patches().task->DrawStart(stream);
    EXPECT_EQ(SharedImages(Patches(), config.seed, generation),
              DrawBatch(*start.seed, 20, Patches().images->train.size()));
    es->Tell(plan, evaluator->Run(plan).results);
  }
}

TEST(GradientRun, WithoutNoiseItIsSgd) {
  const std::vector<float> step = StepOf(Plain());
  const std::vector<float> gradient = GradientOn(SharedImages(Patches(), 1, 1));
  for (size_t i = 0; i < step.size(); ++i) EXPECT_NEAR(step[i], -gradient[i], 1e-6);
}

TEST(GradientRun, AProxysGradientHasTheCosineThatIsAskedFor) {
  const std::vector<float> gradient = StepOf(Plain());
  for (const double rho : {0.04, 0.2, 0.9}) {
    const std::vector<float> proxy = StepOf(Plain({.correlation = rho, .pairs = 0}));
    const double cosine =
        Product(proxy, gradient) / std::sqrt(Product(proxy, proxy) * Product(gradient, gradient));
    const double deviation = 1 / std::sqrt(static_cast<double>(gradient.size()));
    EXPECT_NEAR(cosine, rho, 3 * deviation * std::sqrt(1 - rho * rho)) << rho;
  }
}

TEST(GradientRun, ScaleIsOfTheGradientAndWeightDecayPullsToZero) {
  GradientRunOptions options = Plain();
  options.scale = 0.5f;
  options.ascent.l2_coefficient = 0.1f;
  const std::vector<float> plain = StepOf(Plain());
  const std::vector<float> step = StepOf(options);
  const std::vector<float> first = First();
  for (size_t i = 0; i < step.size(); ++i) {
    EXPECT_NEAR(step[i], 0.5f * plain[i] - 0.1f * first[i], 1e-6);
  }
}

TEST(GradientRun, ScaleFollowsItsSchedule) {
  GradientRunOptions options = Plain();
  options.scale_schedule = {.type = ScheduleType::kLinear, .end = 0.5f, .generations = 1};
  const std::vector<float> plain = StepOf(Plain());
  const std::vector<float> step = StepOf(options);
  for (size_t i = 0; i < step.size(); ++i) EXPECT_NEAR(step[i], 0.5f * plain[i], 1e-6);
}

// What a real estimate is off the true gradient by, where each pair has images of its own: sum over
// parameters of the variance, which the model says is D E|g_b|^2 / pairs.
TEST(GradientRun, TheNoiseOfPairsIsThatOfARealEstimate) {
  std::vector<uint32_t> all(Patches().images->train.size());
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  constexpr uint64_t kSeeds = 40;
  double of_model = 0;
  double of_es = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    GradientRunOptions model = Plain({.correlation = {}, .pairs = 20});
    model.seed = seed;
    // Steps go uphill on the fitness.
    const std::vector<float> gradient = GradientOn(all, seed);
    const auto off = [&](std::vector<float> step) {
      for (size_t i = 0; i < step.size(); ++i) step[i] += gradient[i];
      return Product(step, step);
    };
    of_model += off(StepOf(model));
    of_es += off(StepOfEs(seed));
  }
  EXPECT_NEAR(of_es / of_model, 1, 0.15);
}

TEST(GradientRun, IsSavedAndRestoredAtAnyTime) {
  std::atomic<uint64_t> images = 0;
  const std::atomic<bool> cancel = false;
  GradientRunOptions options = Plain({.correlation = 0.3, .pairs = 0});
  options.ascent = {};
  const auto look = [&](GradientRun& run) { ASSERT_TRUE(run.Examine(images, cancel)); };
  GradientRun whole(Patches(), options, First(), Isa::kScalar);
  GradientRun first(Patches(), options, First(), BestIsa());
  for (GradientRun* run : {&whole, &first}) {
    run->Step();
    look(*run);
  }
  ByteWriter out;
  first.Save(out);
  const std::string bytes = out.Take();
  GradientRun second(Patches(), options, First(), BestIsa());
  ByteReader in(bytes);
  second.Restore(in);
  in.ExpectEnd();
  for (GradientRun* run : {&whole, &second}) {
    run->Step();
    look(*run);
  }
  EXPECT_EQ(images, 4u * 2 * 500);
  ByteWriter of_whole;
  ByteWriter of_second;
  whole.Save(of_whole);
  second.Save(of_second);
  EXPECT_EQ(of_whole.Take(), of_second.Take());
  ASSERT_EQ(second.looks().size(), 2u);
  EXPECT_GT(second.looks()[1].loss, 0);
  ByteReader short_of(std::string_view(bytes).substr(0, bytes.size() - 3));
  EXPECT_ERROR(second.Restore(short_of), "it ends too early");
  ByteWriter other;
  other.Add(uint64_t{1});
  other.AddFloats(std::vector<float>(3));
  other.AddFloats(std::vector<float>(3));
  const std::string of_another = other.Take();
  ByteReader another(of_another);
  EXPECT_ERROR(second.Restore(another), "it is of another network");
}

TEST(GradientRun, TheFirstMeanOfIteratesIsTheFirstIterate) {
  std::atomic<uint64_t> images = 0;
  std::atomic<bool> cancel = false;
  GradientRun run(Patches(), Plain(), First(), BestIsa());
  run.Step();
  ASSERT_TRUE(run.Examine(images, cancel));
  EXPECT_EQ(run.looks().back().accuracy, run.looks().back().mean_accuracy);
  cancel = true;
  EXPECT_FALSE(run.Examine(images, cancel));
  EXPECT_EQ(run.looks().size(), 1u);
}

TEST(GradientRun, SaysWhatToDoWhereItRunsAway) {
  GradientRunOptions options = Plain();
  options.scale = 1e30f;
  GradientRun run(Patches(), options, First(), BestIsa());
  const auto steps = [&] {
    for (int i = 0; i < 10; ++i) run.Step();
  };
  EXPECT_ERROR(steps(),
               "the step leads to parameters that are not finite: give a lower learning_rate");
}

TEST(Correlation, PopulationsAreAScaleUpToTheLargest) {
  EXPECT_EQ(CorrelationPopulations(10'000), (std::vector{100, 200, 500, 1000, 2000, 5000, 10'000}));
  EXPECT_EQ(CorrelationPopulations(30), (std::vector{2, 6, 14, 30}));
}

TEST(Correlation, IsTheExpectedOneWithinItsDeviation) {
  Watch watch;
  CorrelationOptions options{.seed = 4, .cloud = {.population_size = 400, .sigma = 0.002f}};
  for (const SharedEpisodes shared : {SharedEpisodes::kGeneration, SharedEpisodes::kPair}) {
    options.cloud.shared_episodes = shared;
    const std::vector<Correlation> measured =
        MeasureCorrelations(Patches(), First(), options, kTwoThreads, watch);
    ASSERT_EQ(measured.size(), 14u);
    for (const Correlation& each : measured) {
      EXPECT_NEAR(each.cosine, each.expected, 4 * each.deviation) << each.population;
    }
    const double by_law = ExpectedCorrelation(200, First().size());
    EXPECT_EQ(measured.back().expected == by_law, shared == SharedEpisodes::kGeneration);
  }
  watch.cancel = true;
  EXPECT_THROW(MeasureCorrelations(Patches(), First(), options, kTwoThreads, watch), Cancelled);
}

}  // namespace
}  // namespace dne
