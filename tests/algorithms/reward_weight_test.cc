// SPDX-License-Identifier: MIT
#include "dne/algorithms/reward_weight.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

TEST(MixWithNovelty, IsTheWeightsShareOfRewardAndRanksOfNovelty) {
  const std::vector<double> reward = {-0.5, 0.5, 0};
  const std::vector<uint8_t> sound(3, 0);
  EXPECT_EQ(MixWithNovelty(0, reward, {7, 9, 300}, sound), (std::vector<double>{-0.5, 0, 0.5}));
  EXPECT_EQ(MixWithNovelty(1, reward, {7, 9, 300}, sound), reward);
  EXPECT_EQ(MixWithNovelty(0.25, reward, {7, 9, 300}, sound),
            (std::vector<double>{-0.5, 0.125, 0.375}));
}

TEST(MixWithNovelty, EqualNoveltySharesItsRankAndBrokenOnesComeLast) {
  EXPECT_EQ(MixWithNovelty(0, std::vector<double>(3, 0.0), {5, 5, 1}, std::vector<uint8_t>(3, 0)),
            (std::vector<double>{0.25, 0.25, -0.5}));
  EXPECT_EQ(
      MixWithNovelty(0, std::vector<double>(3, 0.0), {9, 5, 1}, std::vector<uint8_t>{1, 0, 0}),
      (std::vector<double>{-0.5, 0.5, 0}));
}

TEST(RewardWeight, AFixedOneStays) {
  RewardWeight weight(0.5);
  weight.Begin(0);
  for (int i = 0; i < 100; ++i) weight.Adapt(i);
  EXPECT_EQ(weight.value(), 0.5);
}

TEST(RewardWeight, RisesWithEachNewBestUpToOne) {
  RewardWeight weight({.reward_weight = 0.7, .weight_step = 0.25});
  weight.Begin(-5);
  weight.Adapt(-4);
  EXPECT_DOUBLE_EQ(weight.value(), 0.95);
  weight.Adapt(-3);
  EXPECT_EQ(weight.value(), 1);
}

TEST(RewardWeight, SinksAfterPatienceUpdatesWithoutABestDownToZero) {
  RewardWeight weight({.reward_weight = 0.3, .weight_step = 0.25, .patience = 2});
  weight.Begin(1);
  weight.Adapt(1);  // as good is not better
  EXPECT_EQ(weight.value(), 0.3);
  weight.Adapt(0);
  EXPECT_NEAR(weight.value(), 0.05, 1e-12);
  weight.Adapt(0);
  weight.Adapt(0);
  EXPECT_EQ(weight.value(), 0);
}

TEST(RewardWeight, ANewBestStartsPatienceAnew) {
  RewardWeight weight({.reward_weight = 0.5, .weight_step = 0.25, .patience = 2});
  weight.Begin(0);
  weight.Adapt(0);
  weight.Adapt(3);
  EXPECT_EQ(weight.value(), 0.75);
  weight.Adapt(2);
  EXPECT_EQ(weight.value(), 0.75);
  weight.Adapt(2);
  EXPECT_EQ(weight.value(), 0.5);
}

TEST(RewardWeight, GoesOnFromWhatWasSaved) {
  const WeightAdaptationOptions options{.reward_weight = 0.5, .weight_step = 0.25, .patience = 2};
  RewardWeight weight(options);
  weight.Begin(7);
  weight.Adapt(6);
  ByteWriter out;
  weight.Save(out);
  RewardWeight other(options);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  other.Restore(in);
  other.Adapt(6.5);
  EXPECT_EQ(other.value(), 0.25);
}

}  // namespace
}  // namespace dne
