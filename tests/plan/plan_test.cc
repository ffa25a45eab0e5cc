// SPDX-License-Identifier: MIT
#include "dne/plan/plan.h"

#include <gtest/gtest.h>

#include "dne/base/error.h"

namespace dne {
namespace {

Result TwoEpisodes() {
  return {.episodes = {{.score = 4, .steps = 4'000'000'000, .frames = 16'000'000'000},
                       {.score = -1, .steps = 1'000'000'000, .frames = 3}}};
}

TEST(Result, MeanIsOverAllEpisodes) {
  EXPECT_EQ(TwoEpisodes().MeanScore(), 1.5);
  EXPECT_EQ((Result{.episodes = {{.score = -7}}}).MeanScore(), -7);
}

TEST(Result, WithoutEpisodesHasNoMean) { EXPECT_THROW(Result().MeanScore(), BugError); }

TEST(Result, TotalsHave64Bits) {
  EXPECT_EQ(TwoEpisodes().TotalSteps(), 5'000'000'000u);
  EXPECT_EQ(TwoEpisodes().TotalFrames(), 16'000'000'003u);
  EXPECT_EQ(Result().TotalSteps(), 0u);
  EXPECT_EQ(Result().TotalFrames(), 0u);
}

// An episode drawn twice counts twice.
TEST(Result, CountsEqualEpisodesEach) {
  Result result = TwoEpisodes();
  result.episodes[1] = result.episodes[0];
  EXPECT_EQ(result.MeanScore(), 4);
  EXPECT_EQ(result.TotalSteps(), 8'000'000'000u);
}

// Equal episodes are found by their starts: in this order, and no two different ones alike.
TEST(EpisodeStart, IsOrderedByNoopsThenSeed) {
  EXPECT_LT((EpisodeStart{.noops = 1, .seed = 9}), (EpisodeStart{.noops = 2, .seed = 0}));
  EXPECT_LT((EpisodeStart{.noops = 1, .seed = 8}), (EpisodeStart{.noops = 1, .seed = 9}));
  EXPECT_EQ((EpisodeStart{.noops = 1, .seed = 9}), (EpisodeStart{.noops = 1, .seed = 9}));
}

}  // namespace
}  // namespace dne
