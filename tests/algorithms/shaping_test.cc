// SPDX-License-Identifier: MIT
// Fitness shaping: ranks, scores and directions against values worked out by hand.
#include "dne/algorithms/shaping.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "tests/expect_error.h"

namespace dne {
namespace {

using Values = std::vector<double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(ShareByRank, GivesTheLeastTheFirstAndEqualsTheMeanOfTheirs) {
  EXPECT_EQ(ShareByRank(Values{30, -7, 2}, Values{1, 4, 9}), (Values{9, 1, 4}));
  EXPECT_EQ(ShareByRank(Values{5, 1, 5, kInfinity}, Values{1, 2, 6, 7}), (Values{4, 1, 4, 7}));
}

TEST(CentredRanks, GoFromMinusToPlusAHalf) {
  EXPECT_EQ(CentredRanks(Values{30, -7, 2, 1000, 5}), (Values{0.25, -0.5, -0.25, 0.5, 0}));
}

TEST(CentredRanks, GiveEqualFitnessEqualRanks) {
  EXPECT_EQ(CentredRanks(Values{1, 0, 1, 0, 0}), (Values{0.375, -0.25, 0.375, -0.25, -0.25}));
  EXPECT_EQ(CentredRanks(Values{4, 4, 4}), (Values{0, 0, 0}));
  EXPECT_EQ(CentredRanks(Values{0.0, -0.0}), (Values{0, 0}));
}

TEST(CentredRanks, SumToZero) {
  double sum = 0;
  for (double rank : CentredRanks(Values{3, 1, 3, 9, 1, 1, 7, -kInfinity})) sum += rank;
  EXPECT_DOUBLE_EQ(sum, 0);
}

TEST(CentredRanks, RankInfiniteFitness) {
  EXPECT_EQ(CentredRanks(Values{kInfinity, 0, -kInfinity}), (Values{0.5, 0, -0.5}));
}

TEST(CentredRanks, OfOneOrNoneAreZero) {
  EXPECT_EQ(CentredRanks(Values{7}), Values{0});
  EXPECT_EQ(CentredRanks(Values{}), Values{});
}

TEST(CentredRanks, RefuseNan) {
  EXPECT_EQ(ErrorOf([] {
              CentredRanks(Values{1, kNan});
            }),
            "fitness of member 1 is nan, which has no rank: let the task return a number, or -inf "
            "for the worst");
}

TEST(Shape, RanksFitnessOrSigns) {
  const Values fitness{10, 30, 20}, signs{2, 0, 1};
  EXPECT_EQ(ShapeFitness(FitnessShaping::kCentredRank, fitness, signs), (Values{-0.5, 0.5, 0}));
  EXPECT_EQ(ShapeFitness(FitnessShaping::kCentredSignRank, fitness, signs), (Values{0.5, -0.5, 0}));
  EXPECT_EQ(ShapeFitness(FitnessShaping::kRaw, fitness, signs), fitness);
  EXPECT_EQ(ShapeFitness(FitnessShaping::kSign, fitness, signs), signs);
}

TEST(Shape, ZScoresHaveMeanZeroAndDeviationOne) {
  EXPECT_EQ(ShapeFitness(FitnessShaping::kZScore, Values{1, 5, 1, 5}, {}), (Values{-1, 1, -1, 1}));
  EXPECT_EQ(ShapeFitness(FitnessShaping::kZScore, Values{3, 3}, {}), (Values{0, 0}));
  EXPECT_EQ(ShapeFitness(FitnessShaping::kZScore, {}, {}), Values{});
}

TEST(Shape, RefusesFitnessThatIsNotFiniteUnlessItRanks) {
  EXPECT_EQ(ErrorOf([] {
              ShapeFitness(FitnessShaping::kRaw, Values{0, 1, -kInfinity}, {});
            }),
            "fitness of member 2 is -inf: raw needs finite numbers; centred_rank allows infinite "
            "ones");
  EXPECT_EQ(ErrorOf([] { ShapeFitness(FitnessShaping::kZScore, Values{kInfinity}, {}); }),
            "fitness of member 0 is inf: z_score needs finite numbers; centred_rank allows "
            "infinite ones");
  EXPECT_EQ(ErrorOf([] { ShapeFitness(FitnessShaping::kSign, {}, Values{kNan}); }),
            "fitness of member 0 is nan: sign needs finite numbers; centred_rank allows infinite "
            "ones");
}

TEST(TopDirections, KeepsThePairsWithTheBestSide) {
  // Sides used: 1, 9 (pair 0) and 8, 6 (pair 2): mean 6, variance (25 + 9 + 4 + 0) / 4.
  const double deviation = std::sqrt(9.5);
  EXPECT_EQ(TopDirections(Values{1, 9, 7, 7, 8, 6}, 2),
            (Values{1 / deviation, 9 / deviation, 0, 0, 8 / deviation, 6 / deviation}));
}

TEST(TopDirections, TakesTheFirstPairOnTies) {
  EXPECT_EQ(TopDirections(Values{2, 4, 4, 2, 0, 0}, 1), (Values{2, 4, 0, 0, 0, 0}));
}

TEST(TopDirections, WeighsNothingWhereAllAreEqual) {
  EXPECT_EQ(TopDirections(Values{5, 5, 5, 5}, 2), (Values{0, 0, 0, 0}));
}

TEST(TopDirections, RefusesFitnessThatIsNotFinite) {
  EXPECT_EQ(ErrorOf([] {
              TopDirections(Values{0, -kInfinity}, 1);
            }),
            "fitness of member 1 is -inf: top_directions needs finite numbers; centred_rank allows "
            "infinite ones");
}

TEST(TopDirections, NeedsPairsAndANumberOfThem) {
  EXPECT_THROW(TopDirections(Values{1, 2, 3}, 1), BugError);
  EXPECT_THROW(TopDirections(Values{1, 2}, 0), BugError);
  EXPECT_THROW(TopDirections(Values{1, 2}, 2), BugError);
}

}  // namespace
}  // namespace dne
