// SPDX-License-Identifier: MIT
#include "dne/algorithms/snes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "dne/base/error.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

SnesOptions SmallOptions() {
  SnesOptions options{.strategy = SmallStrategy()};
  options.strategy.cloud.antithetic = false;
  return options;
}

std::unique_ptr<Algorithm> Make(const SnesOptions& options, const PolicySpace& space = Space(),
                                int threads = 1, Isa isa = Isa::kScalar) {
  return MakeSnes(options, ContextOf(space, threads, isa));
}

// Of four: log 3 - log 1 and log 3 - log 2 count, of the best and the second best.
TEST(Utilities, AreOfRanks) {
  const double best = std::log(3.0) / (2 * std::log(3.0) - std::log(2.0));
  const std::vector<double> utilities = Utilities(std::vector<double>{-5, 7, 100, 1});
  const std::vector<double> expected = {-0.25, 0.75 - best, best - 0.25, -0.25};
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(utilities[i], expected[i], 1e-12);
}

TEST(Utilities, SumToZeroAndEqualFitnessSharesThem) {
  const std::vector<double> utilities = Utilities(std::vector<double>{3, 9, 3, 3, 0, 9, -1, 3});
  EXPECT_NEAR(std::accumulate(utilities.begin(), utilities.end(), 0.0), 0, 1e-12);
  EXPECT_EQ(utilities[1], utilities[5]);
  EXPECT_EQ(utilities[0], utilities[7]);
  EXPECT_GT(utilities[1], utilities[0]);
}

TEST(Utilities, OfNanAreRefused) {
  EXPECT_THROW(Utilities(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN()}), Error);
}

// By hand, as the paper's table 1 has it.
TEST(Snes, MeanAndSigmasFollowTheirNaturalGradients) {
  SnesOptions options = SmallOptions();
  options.strategy.cloud.population_size = 4;
  options.learning_rate = 0.5;
  options.sigma_learning_rate = 0.25;
  const auto snes = Make(options);
  RunGeneration(*snes, Space());
  std::vector<double> mean(kParameters);
  std::vector<double> sigmas(kParameters, 0.1);
  const std::vector<float> first = *snes->Ask().centres.at(0).parameters;
  std::copy_n(first.begin(), kParameters, mean.begin());
  const std::vector<double> scores = {2, 1, 7, 4};
  const std::vector<double> utilities = Utilities(scores);
  for (uint32_t generation = 1; generation <= 3; ++generation) {
    const Plan plan = snes->Ask();
    std::vector<Result> results = Evaluate(plan, Space());
    for (size_t i = 0; i < 4; ++i) results[i].episodes[0].score = scores[i];
    std::vector<std::vector<float>> noise(4, std::vector<float>(kParameters));
    for (uint32_t i = 0; i < 4; ++i) {
      FillNormal({3, generation, i, Purpose::kMutation}, 0, noise[i], Isa::kScalar);
    }
    for (size_t j = 0; j < kParameters; ++j) {
      double towards = 0;
      double wider = 0;
      for (size_t i = 0; i < 4; ++i) {
        const auto s = double{noise[i][j]};
        towards += utilities[i] * s;
        wider += utilities[i] * (s * s - 1);
      }
      mean[j] += 0.5 * sigmas[j] * towards;
      sigmas[j] *= std::exp(0.25 / 2 * wider);
    }
    snes->Tell(plan, results);
    const std::vector<float> after = *snes->Ask().centres.at(0).parameters;
    ASSERT_EQ(after.size(), 2 * kParameters);
    for (size_t j = 0; j < kParameters; ++j) {
      EXPECT_NEAR(after[j], mean[j], 1e-5);
      EXPECT_NEAR(0.1 * double{after[kParameters + j]}, sigmas[j], 1e-6);
    }
    snes->Tell(snes->Ask(), Evaluate(snes->Ask(), Space()));  // validation
  }
}

TEST(Snes, TheSigmasLearningRateFollowsFromTheNumberOfParameters) {
  SnesOptions given = SmallOptions();
  given.sigma_learning_rate = (3 + std::log(37.0)) / (5 * std::sqrt(37.0));
  EXPECT_EQ(LastCentre(*Make(SmallOptions()), Space(), 3), LastCentre(*Make(given), Space(), 3));
}

TEST(Snes, ClimbsAHillAndNarrowsOnItsTop) {
  for (const bool antithetic : {false, true}) {
    SnesOptions options = SmallOptions();
    options.strategy.cloud.antithetic = antithetic;
    const auto snes = Make(options);
    GenerationSummary summary;
    for (int i = 0; i < 250; ++i) summary = RunGeneration(*snes, Space());
    EXPECT_GT(summary.metrics.at("elite_validation"), -0.5) << antithetic;
    EXPECT_LT(summary.metrics.at("sigma_mean"), 0.1) << antithetic;
  }
}

TEST(Snes, ThreadsAndCodePathsDoNotShow) {
  const std::vector<float> expected = LastCentre(*Make(SmallOptions()), Space(), 4);
  for (const Isa isa : SupportedIsas()) {
    EXPECT_EQ(LastCentre(*Make(SmallOptions(), Space(), 3, isa), Space(), 4), expected);
  }
}

TEST(Snes, GoesOnFromItsStateWithTheSameBits) {
  const PolicySpace space = Space(1);
  const auto whole = Make(SmallOptions(), space);
  for (int i = 0; i < 3; ++i) RunGeneration(*whole, space);
  const auto restored = Make(SmallOptions(), space, 2);
  restored->RestoreState(whole->SaveState());
  EXPECT_EQ(LastCentre(*restored, space, 2), LastCentre(*whole, space, 2));
}

}  // namespace
}  // namespace dne
