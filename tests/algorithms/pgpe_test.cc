// SPDX-License-Identifier: MIT
#include "dne/algorithms/pgpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "dne/algorithms/adam.h"
#include "dne/algorithms/es.h"
#include "dne/algorithms/sgd.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

PgpeOptions SmallOptions() {
  return {.strategy = SmallStrategy(),
          .ascent = {.optimizer = {kAdam, AdamOptions{.learning_rate = 0.05}}, .l2_coefficient = 0},
          .spreads = {.learning_rate = 0.5}};
}

std::unique_ptr<Algorithm> Make(const PgpeOptions& options, const PolicySpace& space = Space(),
                                int threads = 1) {
  return MakePgpe(options, ContextOf(space, threads));
}

std::vector<float> SpreadsOf(const std::vector<float>& centre) {
  EXPECT_EQ(centre.size(), 2 * kParameters);
  return {centre.begin() + kParameters, centre.end()};
}

// By hand: two pairs, raw fitness, plain SGD.
TEST(Pgpe, CentreAndWidthsFollowTheirGradients) {
  PgpeOptions options = SmallOptions();
  options.strategy.cloud.population_size = 4;
  options.ascent.shaping = FitnessShaping::kRaw;
  options.spreads.max_change = 0.01;
  options.ascent.optimizer = {kSgd, SgdOptions{.learning_rate = 1, .momentum = 0}};
  const auto es = Make(options);
  RunGeneration(*es, Space());
  std::vector<float> centre = *es->Ask().centres.at(0).parameters;
  std::vector<float> spreads(kParameters, 1.0f);
  for (uint32_t generation = 1; generation <= 3; ++generation) {
    const Plan plan = es->Ask();
    std::vector<Result> results = Evaluate(plan, Space());
    const std::vector<double> scores = {0.02, 0.01, 0.07, 0.04};
    for (size_t i = 0; i < 4; ++i) results[i].episodes[0].score = scores[i];
    std::vector<float> a(kParameters), b(kParameters);
    FillNormal({3, generation, 0, Purpose::kMutation}, 0, a, Isa::kScalar);
    FillNormal({3, generation, 2, Purpose::kMutation}, 0, b, Isa::kScalar);
    for (size_t j = 0; j < kParameters; ++j) {
      centre[j] += spreads[j] * (0.01f * a[j] + 0.03f * b[j]) / 4;
      // Pairs' means 0.015 and 0.055, all members' 0.035.
      const float slope = (-0.02f * (a[j] * a[j] - 1) + 0.02f * (b[j] * b[j] - 1)) / 2;
      spreads[j] *= 1 + std::clamp(0.5f * slope, -0.01f, 0.01f);
    }
    es->Tell(plan, results);
    const std::vector<float> after = *es->Ask().centres.at(0).parameters;
    for (size_t j = 0; j < kParameters; ++j) {
      EXPECT_NEAR(after[j], centre[j], 1e-6);
      EXPECT_NEAR(SpreadsOf(after)[j], spreads[j], 1e-6);
    }
    es->Tell(es->Ask(), Evaluate(es->Ask(), Space()));  // validation
  }
}

TEST(Pgpe, WidthsShrinkOnTopOfAHillAlongItsSlopes) {
  PgpeOptions options = SmallOptions();
  options.strategy.cloud.population_size = 200;
  options.strategy.cloud.sigma = 0.5f;
  const auto es = Make(options);
  GenerationSummary summary;
  for (int i = 0; i < 80; ++i) summary = RunGeneration(*es, Space());
  for (const float spread : SpreadsOf(*summary.centres.at(0).parameters)) EXPECT_LT(spread, 0.5);
  EXPECT_LT(summary.metrics.at("sigma_mean"), 0.25);
  EXPECT_GT(summary.metrics.at("elite_validation"), -1);
}

TEST(Pgpe, TheFirstCloudIsThatOfEs) {
  const auto pgpe = Make(SmallOptions());
  const auto es = MakeEs({.strategy = SmallStrategy()}, ContextOf(Space()));
  RunGeneration(*pgpe, Space());
  RunGeneration(*es, Space());
  const Plan ours = pgpe->Ask();
  const Plan theirs = es->Ask();
  for (size_t i = 0; i < ours.items.size(); ++i) {
    EXPECT_EQ(PolicyOf(ours, i, Space()), PolicyOf(theirs, i, Space()));
  }
}

TEST(Pgpe, GoesOnFromItsStateWithTheSameBits) {
  const PolicySpace space = Space(1);
  const auto whole = Make(SmallOptions(), space);
  for (int i = 0; i < 3; ++i) RunGeneration(*whole, space);
  const auto restored = Make(SmallOptions(), space, 2);
  restored->RestoreState(whole->SaveState());
  EXPECT_EQ(LastCentre(*restored, space, 2), LastCentre(*whole, space, 2));
  EXPECT_THROW(
      MakeEs({.strategy = SmallStrategy()}, ContextOf(space))->RestoreState(whole->SaveState()),
      Error);
}

// Episodes of 40 steps: batches of 20 members gather 800 each.
PgpeOptions Growing(uint64_t generation_steps, int max_population_size) {
  PgpeOptions options = SmallOptions();
  options.growth = {.generation_steps = generation_steps,
                    .max_population_size = max_population_size};
  return options;
}

// The plans of the next generation's training, told.
std::vector<Plan> TrainingOf(Algorithm& pgpe) {
  std::vector<Plan> plans;
  while (pgpe.Ask().round == "train") {
    plans.push_back(pgpe.Ask());
    pgpe.Tell(plans.back(), Evaluate(plans.back(), Space()));
  }
  return plans;
}

TEST(Pgpe, APopulationGrowsUntilItGatheredItsSteps) {
  const auto pgpe = Make(Growing(/*generation_steps=*/2000, /*max_population_size=*/200));
  RunGeneration(*pgpe, Space());
  const std::vector<Plan> plans = TrainingOf(*pgpe);
  ASSERT_EQ(plans.size(), 3u);
  for (uint32_t batch = 0; batch < 3; ++batch) {
    EXPECT_EQ(plans[batch].first_item, 20 * batch);
    ASSERT_EQ(plans[batch].items.size(), 20u);
    for (uint32_t i = 0; i < 20; ++i) {
      EXPECT_EQ(plans[batch].items[i].genome.birth(), (Birth{1, 20 * batch + i}));
    }
  }
  const GenerationSummary summary = RunGeneration(*pgpe, Space());
  EXPECT_EQ(summary.metrics.at("population_size"), 60);
  EXPECT_EQ(summary.metrics.at("steps"), 60 * 40 + 2 * 40);
}

TEST(Pgpe, APopulationGrowsUpToItsMaximum) {
  const auto pgpe = Make(Growing(/*generation_steps=*/1'000'000, /*max_population_size=*/50));
  RunGeneration(*pgpe, Space());
  const std::vector<Plan> plans = TrainingOf(*pgpe);
  ASSERT_EQ(plans.size(), 3u);
  EXPECT_EQ(plans[2].items.size(), 10u);
  EXPECT_EQ(RunGeneration(*pgpe, Space()).metrics.at("population_size"), 50);
}

TEST(Pgpe, AllBatchesOfAGenerationMakeOneUpdate) {
  PgpeOptions whole = SmallOptions();
  whole.strategy.cloud.population_size = 60;
  const auto at_once = Make(whole);
  const auto in_batches = Make(Growing(2000, 200));
  EXPECT_EQ(LastCentre(*in_batches, Space(), 4), LastCentre(*at_once, Space(), 4));
}

TEST(Pgpe, AGrowingPopulationGoesOnFromItsStateWithTheSameBits) {
  const PolicySpace space = Space(1);
  PgpeOptions options = Growing(2000, 200);
  options.strategy.observations.share = 0.5;
  const auto whole = Make(options, space);
  auto stopped = Make(options, space);
  for (int round = 0; round < 12; ++round) {
    const std::string state = stopped->SaveState();
    stopped = Make(options, space, 2);
    stopped->RestoreState(state);
    const Plan plan = whole->Ask();
    const std::vector<Result> results = Evaluate(plan, space);
    ASSERT_EQ(stopped->Ask().first_item, plan.first_item);
    whole->Tell(plan, results);
    stopped->Tell(plan, results);
    ASSERT_EQ(stopped->SaveState(), whole->SaveState());
  }
}

}  // namespace
}  // namespace dne
