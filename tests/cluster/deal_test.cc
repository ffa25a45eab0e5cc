// SPDX-License-Identifier: MIT
#include "dne/cluster/deal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>

namespace dne {
namespace {

class DealTest : public testing::Test {
 protected:
  Deal Of(size_t num_shares, double longest = 0) {
    std::vector<size_t> order(num_shares);
    std::iota(order.begin(), order.end(), size_t{0});
    return Deal(
        order, [this] { return now_.load(); }, longest);
  }
  std::atomic<double> now_ = 100;
};

TEST_F(DealTest, SharesAreDealtInOrderAndOnce) {
  Deal deal = Of(3);
  EXPECT_EQ(deal.Take(0), 0u);
  EXPECT_EQ(deal.Take(1), 1u);
  EXPECT_EQ(deal.num_undealt(), 1u);
  EXPECT_EQ(deal.Take(0), 2u);
  EXPECT_EQ(deal.Take(1), std::nullopt);
}

TEST_F(DealTest, SharesAreDealtInTheOrderThatIsGiven) {
  Deal deal({2, 0, 1}, [] { return 0.0; });
  EXPECT_EQ(deal.Take(0), 2u);
  EXPECT_EQ(deal.Take(1), 0u);
  EXPECT_EQ(deal.Take(0), 1u);
}

TEST_F(DealTest, IsDoneWhenEachShareHasBeenCompletedOnce) {
  Deal deal = Of(2);
  deal.Take(0);
  deal.Take(1);
  EXPECT_TRUE(deal.Complete(1, 2.0));
  EXPECT_FALSE(deal.Complete(1, 2.0)) << "somebody was faster";
  EXPECT_FALSE(deal.all_done());
  EXPECT_TRUE(deal.Complete(0, 4.0));
  EXPECT_TRUE(deal.all_done());
  EXPECT_EQ(deal.mean_seconds(), 3.0);
}

TEST_F(DealTest, WhatALostRankHadIsDealtAgainFirst) {
  Deal deal = Of(4);
  for (const int rank : {1, 1, 2}) deal.Take(rank);
  deal.Complete(0, 1.0);
  deal.GiveBack(1);
  EXPECT_EQ(deal.Take(2), 1u) << "share 0 was done";
  EXPECT_EQ(deal.Take(2), 3u);
  EXPECT_EQ(deal.Take(2), std::nullopt);
}

TEST_F(DealTest, AnAnswerThatALostRankHadSentStillCounts) {
  Deal deal = Of(1);
  deal.Take(1);
  deal.GiveBack(1);
  EXPECT_TRUE(deal.Complete(0, 1.0));
  EXPECT_EQ(deal.Take(2), std::nullopt);
}

TEST_F(DealTest, WhatIsOverdueGoesToAnotherRankToo) {
  Deal deal = Of(3);
  deal.Take(1);
  now_ = 101;
  deal.Take(1);
  deal.Take(0);
  deal.Complete(2, 2.0);
  now_ = 105.5;
  EXPECT_EQ(deal.TakeOverdue(0), std::nullopt) << "three times two seconds";
  now_ = 107.5;
  EXPECT_EQ(deal.TakeOverdue(1), std::nullopt) << "it has them itself";
  EXPECT_EQ(deal.TakeOverdue(0), 0u) << "the one that was dealt first";
  EXPECT_EQ(deal.TakeOverdue(0), 1u);
  EXPECT_EQ(deal.TakeOverdue(2), std::nullopt) << "they were dealt just now";
  deal.GiveBack(1);
  EXPECT_EQ(deal.num_undealt(), 0u) << "rank 0 has them";
}

TEST_F(DealTest, NothingIsOverdueBeforeAnythingWasDone) {
  Deal deal = Of(1);
  deal.Take(1);
  now_ = 129;
  EXPECT_EQ(deal.TakeOverdue(0), std::nullopt);
  now_ = 131;
  EXPECT_EQ(deal.TakeOverdue(0), 0u) << "half a minute without any result";
}

TEST_F(DealTest, EarlierRoundsTellWhenAShareIsOverdue) {
  Deal deal = Of(1, /*longest=*/2);
  deal.Take(1);
  now_ = 105;
  EXPECT_EQ(deal.TakeOverdue(0), std::nullopt);
  now_ = 107;
  EXPECT_EQ(deal.TakeOverdue(0), 0u);
}

TEST_F(DealTest, WhoWaitsGetsWhatComesBack) {
  Deal deal = Of(1);
  deal.Take(1);
  std::thread lost([&] { deal.GiveBack(1); });
  EXPECT_EQ(deal.TakeOrWait(0), 0u);
  lost.join();
  std::thread done([&] { deal.Complete(0, 1.0); });
  EXPECT_EQ(deal.TakeOrWait(2), std::nullopt);
  done.join();
}

TEST_F(DealTest, WhoWaitsIsSentHome) {
  Deal deal = Of(1);
  deal.Take(1);
  std::thread stop([&] { deal.Stop(); });
  EXPECT_EQ(deal.TakeOrWait(0), std::nullopt);
  stop.join();
}

}  // namespace
}  // namespace dne
