// SPDX-License-Identifier: MIT
#include "dne/algorithms/ns_es.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "dne/algorithms/adam.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

NsEsOptions SmallOptions() {
  return {.strategy = SmallStrategy(),
          .ascent = {.optimizer = {kAdam, AdamOptions{.learning_rate = 0.05}}},
          .meta_population = {.size = 3},
          .novelty = {.nearest = 2}};
}

std::unique_ptr<Algorithm> MakeNs(const NsEsOptions& options) {
  return MakeNsEs(options, ContextOf(Space()));
}

TEST(NsEs, EveryFirstCentreEntersTheArchiveAndThenEveryMovedOne) {
  const auto es = MakeNs(SmallOptions());
  EXPECT_EQ(es->Ask().items.size(), 3u);
  EXPECT_EQ(RunGeneration(*es, Space()).metrics.at("archive_size"), 3);
  for (int i = 1; i <= 4; ++i) {
    const GenerationSummary summary = RunGeneration(*es, Space());
    EXPECT_EQ(summary.metrics.at("archive_size"), 3 + i);
    ASSERT_EQ(summary.centres.size(), 1u);
    EXPECT_EQ(
        summary.centres[0].birth,
        CentreBirth(static_cast<uint32_t>(i), static_cast<uint32_t>(summary.metrics.at("centre"))));
  }
}

TEST(NsEs, RewardDoesNotCount) {
  const auto es = MakeNs(SmallOptions());
  const auto other = MakeNs(SmallOptions());
  RunGeneration(*es, Space());
  RunGeneration(*other, Space());
  const Plan plan = es->Ask();
  std::vector<Result> results = Evaluate(plan, Space());
  es->Tell(plan, results);
  for (Result& result : results) result.episodes[0].score *= -1;
  other->Tell(plan, results);
  EXPECT_EQ(*es->Ask().centres.at(0).parameters, *other->Ask().centres.at(0).parameters);
  const auto both = MakeNsrEs(SmallOptions(), ContextOf(Space()));
  RunGeneration(*both, Space());
  both->Tell(plan, results);
  EXPECT_NE(*es->Ask().centres.at(0).parameters, *both->Ask().centres.at(0).parameters);
}

TEST(NsEs, CentresTakeTurnsWhereAsked) {
  NsEsOptions options = SmallOptions();
  options.meta_population.choice = CentreChoice::kRoundRobin;
  const auto es = MakeNs(options);
  RunGeneration(*es, Space());
  std::vector<double> centres;
  for (int i = 0; i < 6; ++i) centres.push_back(RunGeneration(*es, Space()).metrics.at("centre"));
  EXPECT_EQ(centres, (std::vector<double>{0, 1, 2, 0, 1, 2}));
}

TEST(NsraEs, TheWeightSinksWithoutANewBestAndRisesWithOne) {
  const auto es =
      MakeNsraEs({SmallOptions(), {.weight_step = 0.25, .patience = 3}}, ContextOf(Space()));
  RunGeneration(*es, Space());
  // Validation scores as told, one a generation; the weight seen is the one before it adapts.
  const std::vector<double> scores = {-1e6, -1e6, -1e6, -1e6, -1e6, -1e6, 5, -1e6, 6, -1e6};
  std::vector<double> weights;
  for (const double score : scores) {
    const Plan train = es->Ask();
    es->Tell(train, Evaluate(train, Space()));
    const Plan validate = es->Ask();
    std::vector<Result> results = Evaluate(validate, Space());
    for (Episode& episode : results[0].episodes) episode.score = score;
    weights.push_back(es->Tell(validate, results)->metrics.at("reward_weight"));
  }
  EXPECT_EQ(weights, (std::vector<double>{1, 1, 1, 0.75, 0.75, 0.75, 0.5, 0.75, 0.75, 1}));
}

TEST(NsraEs, GoesOnFromItsStateWithTheSameBits) {
  NsraEsOptions options{SmallOptions(), {.patience = 2}};
  options.ns_es.strategy.rounds.test_episodes = 3;
  const PolicySpace space = Space(1);
  const auto whole = MakeNsraEs(options, ContextOf(space));
  const auto copied = MakeNsraEs(options, ContextOf(space));
  for (int round = 0; round < 20; ++round) {
    const std::string state = copied->SaveState();
    const auto restored = MakeNsraEs(options, ContextOf(space));
    restored->RestoreState(state);
    EXPECT_EQ(restored->SaveState(), state);
    const Plan plan = whole->Ask();
    const Plan again = restored->Ask();
    ASSERT_EQ(plan.items.size(), again.items.size());
    for (size_t i = 0; i < plan.items.size(); ++i) {
      ASSERT_EQ(PolicyOf(plan, i, space), PolicyOf(again, i, space)) << round;
    }
    const std::vector<Result> results = Evaluate(plan, space);
    whole->Tell(plan, results);
    restored->Tell(again, results);
    copied->RestoreState(restored->SaveState());
    EXPECT_EQ(copied->SaveState(), whole->SaveState()) << round;
  }
}

TEST(NsEs, AStateOfAnotherMetaPopulationIsRefused) {
  NsEsOptions options = SmallOptions();
  options.meta_population.size = 2;
  EXPECT_THROW(MakeNs(options)->RestoreState(MakeNs(SmallOptions())->SaveState()), Error);
}

}  // namespace
}  // namespace dne
