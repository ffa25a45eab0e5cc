// SPDX-License-Identifier: MIT
#include "dne/algorithms/novelty_scorer.h"

#include <gtest/gtest.h>

#include "dne/base/error.h"

namespace dne {
namespace {

NoveltyScorer Scorer(int nearest) {
  return NoveltyScorer(
      {.nearest = nearest, .distance = BehaviourDistance::kEuclidean},
      [](std::span<const uint8_t> descriptor) {
        return std::vector<double>(descriptor.begin(), descriptor.end());
      },
      SerialFor, Isa::kScalar);
}

Behaviour At(double x) { return {.point = {x}, .trajectory = {}}; }

Result ResultAt(std::vector<uint8_t> positions) {
  Result result;
  for (const uint8_t x : positions) result.episodes.push_back({.descriptor = {x}});
  return result;
}

TEST(NoveltyScorer, AResultsPointIsTheMeanOfItsEpisodes) {
  EXPECT_EQ(Scorer(1).BehaviourOf(ResultAt({2, 4, 9})), At(5));
}

TEST(NoveltyScorer, IsTheMeanDistanceToTheNearestOfTheArchive) {
  NoveltyScorer scorer = Scorer(2);
  for (const double x : {0, 1, 10}) scorer.AddToArchive(At(x));
  EXPECT_EQ(scorer.archive_size(), 3u);
  EXPECT_EQ(scorer.Novelty(std::vector{At(3), At(10)}), (std::vector<double>{2.5, 4.5}));
}

TEST(NoveltyScorer, OfWhatIsArchivedTheOwnEntryDoesNotCount) {
  NoveltyScorer scorer = Scorer(1);
  for (const double x : {0, 1, 10}) scorer.AddToArchive(At(x));
  EXPECT_EQ(scorer.NoveltyOfArchived(std::vector{At(0), At(10)}), (std::vector<double>{1, 9}));
}

TEST(NoveltyScorer, OfAPopulationTheOthersCountToo) {
  NoveltyScorer scorer = Scorer(1);
  scorer.AddToArchive(At(4));
  EXPECT_EQ(scorer.NoveltyOfPopulation(std::vector{At(0), At(3), At(9)}),
            (std::vector<double>{3, 1, 5}));
}

TEST(NoveltyScorer, AnEmptyArchiveFindsNothingNew) {
  EXPECT_EQ(Scorer(2).Novelty(std::vector{At(3)}), std::vector<double>{0});
}

TEST(NoveltyScorer, OfTrajectoriesTheFirstEpisodeStandsForAll) {
  const NoveltyScorer scorer({.distance = BehaviourDistance::kSumOfSteps}, nullptr, SerialFor,
                             Isa::kScalar);
  EXPECT_TRUE(scorer.needs_trajectories());
  EXPECT_FALSE(Scorer(1).needs_trajectories());
  Result result;
  result.episodes.resize(2);
  result.notes = {{.trajectory = {1, 2}}, {.trajectory = {3}}};
  EXPECT_EQ(scorer.BehaviourOf(result), (Behaviour{.point = {}, .trajectory = {1, 2}}));
}

TEST(NoveltyScorer, GoesOnFromWhatWasSaved) {
  NoveltyScorer scorer = Scorer(1);
  scorer.AddToArchive(At(4));
  ByteWriter out;
  scorer.Save(out);
  NoveltyScorer other = Scorer(1);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  other.Restore(in);
  EXPECT_EQ(other.Novelty(std::vector{At(6)}), std::vector<double>{2});
}

}  // namespace
}  // namespace dne
