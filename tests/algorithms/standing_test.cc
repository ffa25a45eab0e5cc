// SPDX-License-Identifier: MIT
// Breaking down never pays: under every shaping, in selection and in the choice of the elite.
#include "dne/algorithms/standing.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/gradient_ascent.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/snes.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Result Sound(double score) {
  Result result;
  result.episodes = {{.score = score}};
  result.notes = {{.sign_sum = score < 0 ? -1.0 : 1.0}};
  return result;
}

Result Broken(double score) {
  Result result = Sound(score);
  result.episodes.push_back({.score = score, .end = EpisodeEnd::kInvalid});
  result.notes.push_back({.sign_sum = 9});
  return result;
}

TEST(Standing, OfABrokenGenomeIsBelowEverySoundOne) {
  EXPECT_EQ(Standing(Sound(-390)), -390);
  EXPECT_EQ(Standing(Broken(-38)), -kInfinity);
}

TEST(Standing, ScoresOfBrokenMembersAreJustBelowTheWorst) {
  std::vector<double> scores = {5, 100, -3, 7};
  PutBrokenLast(std::vector<uint8_t>{0, 1, 0, 1}, scores);
  EXPECT_EQ(scores[0], 5);
  EXPECT_EQ(scores[2], -3);
  EXPECT_LT(scores[1], -3);
  EXPECT_NEAR(scores[1], -3, 1e-12);
  EXPECT_EQ(scores[3], scores[1]);
}

TEST(Standing, WhereAllAreBrokenNoneIsBetter) {
  std::vector<double> scores = {5, 100};
  PutBrokenLast(std::vector<uint8_t>{1, 1}, scores);
  EXPECT_EQ(scores, (std::vector<double>{0, 0}));
}

// Members 1 and 6 broke down after earning more than all others.
CloudResults Members() {
  CloudResults members;
  for (const double score : {-390.0, 0.0, -20.0, -21.0, 5.0, -7.0, 0.0, -6.0}) {
    const Result result = score == 0 ? Broken(1000) : Sound(score);
    members.Add({&result, 1});
  }
  members.PutBrokenLast();
  return members;
}

class OfShaping : public testing::TestWithParam<FitnessShaping> {};

TEST_P(OfShaping, BrokenMembersWeighLeast) {
  const auto update = EsUpdate({.shaping = GetParam()}, {})(1);
  const std::vector<double> scores = update->Score(Members());
  for (const size_t broken : {1, 6}) {
    EXPECT_EQ(scores[broken], *std::ranges::min_element(scores));
    EXPECT_LT(scores[broken], scores[4]);
  }
}

INSTANTIATE_TEST_SUITE_P(Standing, OfShaping,
                         testing::Values(FitnessShaping::kCentredRank, FitnessShaping::kRaw,
                                         FitnessShaping::kZScore, FitnessShaping::kSign,
                                         FitnessShaping::kCentredSignRank));

TEST(Standing, TopDirectionsLeaveBrokenMembersOut) {
  // Of the pairs (0, 1), (2, 3), (4, 5), (6, 7) the best sound sides are -390, -20, 5, -6.
  const std::vector<double> scores = EsUpdate({}, {}, /*top_directions=*/2)(1)->Score(Members());
  EXPECT_EQ(scores[0], 0);
  EXPECT_EQ(scores[1], 0);
  EXPECT_GT(scores[4], 0);
  EXPECT_LT(scores[6], scores[7]);
}

TEST(Standing, UtilitiesOfBrokenMembersAreTheLeast) {
  const std::vector<double> scores = SnesUpdate({})(1)->Score(Members());
  for (const size_t broken : {1, 6}) EXPECT_EQ(scores[broken], *std::ranges::min_element(scores));
}

using Scores = std::function<Result(const Plan&, size_t)>;

std::vector<Result> Play(const Plan& plan, const Scores& scores) {
  std::vector<Result> results;
  for (size_t i = 0; i < plan.items.size(); ++i) results.push_back(scores(plan, i));
  return results;
}

TEST(Standing, TheGaNeitherBreedsNorCrownsBrokenChildren) {
  for (const EliteRule rule : {EliteRule::kValidated, EliteRule::kStale}) {
    const auto ga = MakeGa({.trials = {.population_size = 4,
                                       .elite_rule = rule,
                                       .num_candidates = 2,
                                       .rounds = {.test_episodes = 0}},
                            .num_parents = 2},
                           7);
    // The first child breaks down in training, what is validated first (but for one) there.
    const Scores scores = [](const Plan& plan, size_t i) {
      const bool breaks = i == 0 && (plan.round == "train" || plan.items.size() > 1);
      return breaks ? Broken(1000) : Sound(-static_cast<double>(i));
    };
    const Plan train = ga->Ask();
    ga->Tell(train, Play(train, scores));
    const Plan validate = ga->Ask();
    const auto summary = ga->Tell(validate, Play(validate, scores));
    EXPECT_EQ(summary->elite.birth().item, rule == EliteRule::kStale ? 1u : 2u);
    EXPECT_EQ(summary->metrics.at("fitness_max"), 1000);
    EXPECT_EQ(summary->metrics.at("invalid_episodes"), rule == EliteRule::kStale ? 1 : 2);
    for (const Genome& parent : ga->Ask().parents) EXPECT_NE(parent.birth().item, 0u);
  }
}

TEST(Standing, NoveltyOfBrokenMembersCountsLeast) {
  // Breaking down at a place where nobody was before.
  const auto moved = [](bool far) {
    NsEsOptions options{.strategy = SmallStrategy()};
    const auto es = MakeNsEs(options, ContextOf(Space()));
    RunGeneration(*es, Space());
    const Plan plan = es->Ask();
    std::vector<Result> results = Evaluate(plan, Space());
    results[3].episodes[0].end = EpisodeEnd::kInvalid;
    if (far) results[3].episodes[0].descriptor = {250};
    es->Tell(plan, results);
    return *es->Ask().centres.at(0).parameters;
  };
  EXPECT_EQ(moved(true), moved(false));
}

}  // namespace
}  // namespace dne
