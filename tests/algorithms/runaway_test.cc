// SPDX-License-Identifier: MIT
// Numbers that run away: an error before anything of the round is kept.
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "dne/algorithms/adam.h"
#include "dne/algorithms/clipup.h"
#include "dne/algorithms/es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/algorithms/sgd.h"
#include "dne/algorithms/snes.h"
#include "dne/base/error.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

constexpr double kHuge = 1e38;

// Plays `generations`; of the error that ends them, its text.
std::string ErrorOf(Algorithm& algorithm, const PolicySpace& space, int generations) {
  try {
    for (int i = 0; i < generations; ++i) RunGeneration(algorithm, space);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

EsOptions EsWith(const Chosen<OptimizerKind>& optimizer) {
  return {.strategy = SmallStrategy(), .ascent = {.optimizer = optimizer}};
}

class OfOptimizer : public testing::TestWithParam<Chosen<OptimizerKind>> {};

TEST_P(OfOptimizer, ParametersThatRunAwayAreAnError) {
  const auto es = MakeEs(EsWith(GetParam()), ContextOf(Space()));
  EXPECT_EQ(ErrorOf(*es, Space(), 50).substr(12),
            ": the update leads to parameters that are not finite: begin a run with a lower "
            "learning_rate or sigma");
}

INSTANTIATE_TEST_SUITE_P(Runaway, OfOptimizer,
                         testing::Values(Chosen(kAdam, AdamOptions{.learning_rate = kHuge}),
                                         Chosen(kSgd, SgdOptions{.learning_rate = kHuge}),
                                         Chosen(kClipUp, ClipUpOptions{.learning_rate = 1e300,
                                                                       .max_speed = 1e300})),
                         [](const auto& tested) { return std::string(tested.param.kind->name); });

TEST(Runaway, NamesTheGenerationAndKeepsTheCentre) {
  const auto es = MakeEs(EsWith({kSgd, SgdOptions{.learning_rate = 1e300}}), ContextOf(Space()));
  RunGeneration(*es, Space());
  const std::vector<float> before = *es->Ask().centres.at(0).parameters;
  EXPECT_EQ(ErrorOf(*es, Space(), 1).substr(0, 13), "generation 1:");
  EXPECT_EQ(*es->Ask().centres.at(0).parameters, before);
}

TEST(Runaway, OfWhatTheOptimiserRemembers) {
  // The squares overflow; the step itself is short.
  EsOptions options = EsWith(Chosen(kAdam));
  options.ascent.l2_coefficient = 1000;
  PolicySpace space = Space();
  space.initialise = [](const StreamId&, std::span<float> out) { std::ranges::fill(out, 1e30f); };
  const auto es = MakeEs(options, ContextOf(space));
  EXPECT_NE(ErrorOf(*es, space, 2).find("not finite"), std::string::npos);
}

TEST(Runaway, OfSpreads) {
  PgpeOptions options{.strategy = SmallStrategy(),
                      .ascent = {.shaping = FitnessShaping::kRaw,
                                 .optimizer = {kAdam, AdamOptions{.learning_rate = 1e-9}}},
                      .spreads = {.learning_rate = kHuge, .max_change = kHuge}};
  const auto pgpe = MakePgpe(options, ContextOf(Space()));
  EXPECT_NE(ErrorOf(*pgpe, Space(), 50).find("lower learning_rate, sigma_learning_rate or sigma"),
            std::string::npos);
}

TEST(Runaway, OfTheSigmasOfSnes) {
  const auto snes =
      MakeSnes({.strategy = SmallStrategy(), .sigma_learning_rate = 1000}, ContextOf(Space()));
  EXPECT_NE(ErrorOf(*snes, Space(), 50).find("lower learning_rate, sigma_learning_rate or sigma"),
            std::string::npos);
}

TEST(Runaway, OfObservations) {
  EsOptions options = EsWith(Chosen(kAdam));
  options.strategy.observations.share = 1;
  const PolicySpace space = Space(1);
  const auto es = MakeEs(options, ContextOf(space));
  RunGeneration(*es, space);
  const Plan plan = es->Ask();
  std::vector<Result> results = Evaluate(plan, space);
  for (Result& result : results) {
    for (EpisodeNotes& notes : result.notes) {
      notes.observation_sums = {1, std::numeric_limits<double>::max(), 1};
    }
  }
  try {
    es->Tell(plan, results);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "generation 1: the means of the observations are not finite: begin a run with "
                 "normalise_observations = false");
  }
}

}  // namespace
}  // namespace dne
