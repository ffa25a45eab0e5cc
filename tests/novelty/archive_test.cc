// SPDX-License-Identifier: MIT
// The archive's novelty: values worked out by hand, then held to a slow obvious reference.
#include "dne/novelty/archive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/novelty/trajectory.h"
#include "dne/random/stream.h"

namespace dne {
namespace {

Behaviour Point(std::vector<double> point) { return {.point = std::move(point)}; }

Behaviour States(const std::vector<uint8_t>& states, size_t state_size) {
  return {.trajectory = PackTrajectory(states, state_size)};
}

Archive ArchiveOf(BehaviourDistance distance, const std::vector<Behaviour>& behaviours) {
  Archive archive(distance);
  for (const Behaviour& behaviour : behaviours) archive.Add(behaviour);
  return archive;
}

double NoveltyIn(const Archive& archive, const Behaviour& asked, size_t nearest,
                 Isa isa = BestIsa()) {
  return archive.NoveltyOfAll({&asked, 1}, nearest, SerialFor, isa)[0];
}

double NoveltyOf(BehaviourDistance distance, const Behaviour& archived, const Behaviour& asked) {
  return NoveltyIn(ArchiveOf(distance, {archived}), asked, 1);
}

TEST(Archive, KnowsEuclideanAndSquaredDistance) {
  const Behaviour a = Point({1, 1}), b = Point({4, 5});
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kEuclidean, a, b), 5);
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kSquaredEuclidean, a, b), 25);
}

TEST(Archive, SumsStepsOrSquaresOfTrajectories) {
  const Behaviour a = States({0, 0, 10, 20}, 2);
  const Behaviour b = States({3, 4, 10, 8}, 2);  // steps 5 and 12 apart
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kSumOfSteps, a, b), 17);
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kFrobenius, a, b), 13);
}

TEST(Archive, ShorterTrajectoryStaysInItsLastState) {
  const Behaviour brief = States({9, 1}, 1);
  const Behaviour lengthy = States({9, 3, 4, 251}, 1);  // 0, 2, 3 and 250 apart
  for (const auto& [a, b] : {std::pair(brief, lengthy), std::pair(lengthy, brief)}) {
    EXPECT_EQ(NoveltyOf(BehaviourDistance::kSumOfSteps, a, b), 255);
    EXPECT_EQ(NoveltyOf(BehaviourDistance::kFrobenius, a, b), std::sqrt(4.0 + 9 + 62500));
  }
}

TEST(Archive, TrajectoryWithoutStatesStaysInZeros) {
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kSumOfSteps, States({}, 1), States({5, 7}, 1)), 12);
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kSumOfSteps, States({5, 7}, 1), States({}, 1)), 12);
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kSumOfSteps, States({}, 1), States({}, 1)), 0);
}

TEST(Archive, NoveltyIsTheMeanOfTheNearest) {
  const Archive archive =
      ArchiveOf(BehaviourDistance::kEuclidean, {Point({100}), Point({1}), Point({7}), Point({-2})});
  EXPECT_EQ(NoveltyIn(archive, Point({0}), 1), 1);
  EXPECT_EQ(NoveltyIn(archive, Point({0}), 2), 1.5);
  EXPECT_EQ(NoveltyIn(archive, Point({0}), 3), 10.0 / 3);
}

TEST(Archive, WithFewerThanTheNearestTakesAll) {
  const Archive archive = ArchiveOf(BehaviourDistance::kEuclidean, {Point({2}), Point({4})});
  EXPECT_EQ(NoveltyIn(archive, Point({0}), 10), 3);
}

TEST(Archive, FindsEverythingEquallyNewWhileItIsEmpty) {
  EXPECT_EQ(NoveltyIn(Archive(BehaviourDistance::kEuclidean), Point({9}), 10), 0);
  EXPECT_EQ(NoveltyIn(Archive(BehaviourDistance::kFrobenius), States({9}, 1), 10), 0);
}

TEST(Archive, CountsABehaviourItHolds) {
  const Archive archive = ArchiveOf(BehaviourDistance::kEuclidean, {Point({2}), Point({6})});
  EXPECT_EQ(NoveltyIn(archive, Point({2}), 2), 2);
}

TEST(Archive, LeavesOutTheOwnEntryOfWhatItHolds) {
  const auto novelty = [](const Archive& archive, const Behaviour& behaviour, size_t nearest) {
    return archive.NoveltyOfArchived({&behaviour, 1}, nearest, SerialFor, BestIsa())[0];
  };
  const Archive archive =
      ArchiveOf(BehaviourDistance::kEuclidean, {Point({2}), Point({6}), Point({9}), Point({9})});
  EXPECT_EQ(novelty(archive, Point({2}), 1), 4);
  EXPECT_EQ(novelty(archive, Point({2}), 2), 5.5);
  EXPECT_EQ(novelty(archive, Point({6}), 10), 10.0 / 3);
  EXPECT_EQ(novelty(archive, Point({9}), 1), 0) << "an equal entry of another's counts";
  EXPECT_EQ(novelty(ArchiveOf(BehaviourDistance::kEuclidean, {Point({2})}), Point({2}), 1), 0);
  for (const auto distance : {BehaviourDistance::kSumOfSteps, BehaviourDistance::kFrobenius}) {
    const Archive walks = ArchiveOf(distance, {States({5, 7}, 1), States({5, 4}, 1)});
    EXPECT_EQ(novelty(walks, States({5, 7}, 1), 1), 3);
  }
}

TEST(Archive, APopulationCountsItselfButNotEachItsOwn) {
  const auto novelty = [](const Archive& archive, const std::vector<Behaviour>& population,
                          size_t nearest) {
    return archive.NoveltyOfPopulation(population, nearest, SerialFor, BestIsa());
  };
  const std::vector<Behaviour> population = {Point({2}), Point({6}), Point({6}), Point({9})};
  Archive archive(BehaviourDistance::kEuclidean);
  EXPECT_EQ(novelty(archive, population, 1), (std::vector<double>{4, 0, 0, 3}));
  EXPECT_EQ(novelty(archive, population, 2), (std::vector<double>{4, 1.5, 1.5, 3}));
  archive.Add(Point({1}));
  archive.Add(Point({9}));
  EXPECT_EQ(novelty(archive, population, 2), (std::vector<double>{2.5, 1.5, 1.5, 1.5}));
  EXPECT_EQ(novelty(archive, population, 100),
            (std::vector<double>{23.0 / 5, 15.0 / 5, 3, 21.0 / 5}));
  EXPECT_EQ(archive.size(), 2u);
  EXPECT_EQ(novelty(Archive(BehaviourDistance::kEuclidean), {Point({2})}, 1),
            std::vector<double>{0});
}

TEST(Archive, APopulationOfTrajectoriesLikewise) {
  const std::vector<Behaviour> population = {States({5, 7}, 1), States({5, 4}, 1)};
  const Archive archive = ArchiveOf(BehaviourDistance::kSumOfSteps, {States({5, 8}, 1)});
  EXPECT_EQ(archive.NoveltyOfPopulation(population, 1, SerialFor, BestIsa()),
            (std::vector<double>{1, 3}));
  EXPECT_EQ(archive.NoveltyOfPopulation(population, 2, SerialFor, BestIsa()),
            (std::vector<double>{2, 3.5}));
}

TEST(Archive, OverflowingDistanceIsTheFarthest) {
  EXPECT_EQ(NoveltyOf(BehaviourDistance::kEuclidean, Point({0}), Point({1e300})),
            std::numeric_limits<double>::infinity());
}

// Trajectories of very different lengths, some near each other: walks from a few beginnings.
std::vector<Behaviour> Walks(size_t count, size_t state_size, uint32_t seed) {
  Stream stream({.seed = seed});
  std::vector<Behaviour> walks;
  for (size_t i = 0; i < count; ++i) {
    std::vector<uint8_t> state(state_size, static_cast<uint8_t>(80 * stream.Below(4)));
    const size_t steps = stream.Below(8) == 0 ? stream.Below(3) : stream.Below(200);
    std::vector<uint8_t> states;
    for (size_t t = 0; t < steps; ++t) {
      for (uint8_t& byte : state) byte = static_cast<uint8_t>(byte + stream.Below(3) - 1);
      states.insert(states.end(), state.begin(), state.end());
    }
    walks.push_back(States(states, state_size));
  }
  return walks;
}

// As long as `length`, in its last state.
Trajectory Padded(const Behaviour& behaviour, size_t length) {
  Trajectory padded = UnpackTrajectory(behaviour.trajectory);
  if (padded.length() == 0) padded.states.assign(padded.state_size, 0);
  const std::vector<uint8_t> last(
      padded.states.end() - static_cast<std::ptrdiff_t>(padded.state_size), padded.states.end());
  while (padded.length() < length) {
    padded.states.insert(padded.states.end(), last.begin(), last.end());
  }
  return padded;
}

double ReferenceDistance(BehaviourDistance distance, const Behaviour& x, const Behaviour& y) {
  const size_t length = std::max(Padded(x, 0).length(), Padded(y, 0).length());
  const Trajectory a = Padded(x, length), b = Padded(y, length);
  double sum = 0, total = 0;
  for (size_t step = 0; step < length; ++step) {
    double squares = 0;
    for (size_t i = step * a.state_size; i < (step + 1) * a.state_size; ++i) {
      squares += (a.states[i] - b.states[i]) * (a.states[i] - b.states[i]);
    }
    sum += std::sqrt(squares);
    total += squares;
  }
  return distance == BehaviourDistance::kSumOfSteps ? sum : std::sqrt(total);
}

std::vector<double> ReferenceNovelty(BehaviourDistance distance,
                                     const std::vector<Behaviour>& archive,
                                     const std::vector<Behaviour>& asked, size_t nearest) {
  std::vector<double> result;
  for (const Behaviour& behaviour : asked) {
    std::vector<double> distances;
    for (const Behaviour& other : archive) {
      distances.push_back(ReferenceDistance(distance, behaviour, other));
    }
    std::ranges::sort(distances);
    double sum = 0;
    for (size_t i = 0; i < nearest; ++i) sum += distances[i];
    result.push_back(sum / static_cast<double>(nearest));
  }
  return result;
}

class ArchiveOnIsa : public testing::TestWithParam<Isa> {};

TEST_P(ArchiveOnIsa, NoveltyOfTrajectoriesIsThatOfTheReference) {
  for (size_t state_size : {1, 31, 128, 200}) {
    const auto behaviours = Walks(15, state_size, 1);
    const auto asked = Walks(11, state_size, 2);
    for (const auto distance : {BehaviourDistance::kSumOfSteps, BehaviourDistance::kFrobenius}) {
      const Archive archive = ArchiveOf(distance, behaviours);
      for (size_t nearest : {1, 4, 15}) {
        EXPECT_EQ(archive.NoveltyOfAll(asked, nearest, SerialFor, GetParam()),
                  ReferenceNovelty(distance, behaviours, asked, nearest))
            << state_size << " " << nearest;
      }
    }
  }
}

TEST_P(ArchiveOnIsa, LargestDifferencesDoNotOverflow) {
  const Behaviour zeros = States(std::vector<uint8_t>(kMaxStateSize, 0), kMaxStateSize);
  const Behaviour ones = States(std::vector<uint8_t>(kMaxStateSize, 255), kMaxStateSize);
  const Archive archive = ArchiveOf(BehaviourDistance::kFrobenius, {zeros});
  EXPECT_EQ(NoveltyIn(archive, ones, 1, GetParam()), std::sqrt(255.0 * 255 * kMaxStateSize));
}

INSTANTIATE_TEST_SUITE_P(AllSupported, ArchiveOnIsa, testing::ValuesIn(SupportedIsas()),
                         [](const auto& tested) { return std::string(IsaName(tested.param)); });

TEST(Archive, TrajectoriesLargerThanABlockAreSearchedOneByOne) {
  constexpr size_t kSteps = 1100;  // 34 MiB; blocks have 32
  std::vector<uint8_t> states(kSteps * kMaxStateSize, 0);
  const Behaviour zeros = States(states, kMaxStateSize);
  states.back() = 3;
  const Behaviour other = States(states, kMaxStateSize);
  const Archive archive = ArchiveOf(BehaviourDistance::kSumOfSteps, {zeros, zeros});
  EXPECT_EQ(NoveltyIn(archive, other, 2), 3);
}

TEST(Archive, BlocksLargerThanItsMemoryChangeNothing) {
  // Constant trajectories of 10 MiB: three or four to a block on either side.
  std::vector<Behaviour> behaviours;
  for (size_t i = 0; i < 5; ++i) {
    behaviours.push_back(
        States(std::vector<uint8_t>(10 << 20, static_cast<uint8_t>(40 * i)), 4096));
  }
  const Archive archive = ArchiveOf(BehaviourDistance::kSumOfSteps, behaviours);
  const double unit = 40.0 * 64 * 2560;  // 40 in each of 4096 bytes, at each of 2560 steps
  EXPECT_EQ(archive.NoveltyOfAll(behaviours, 2, ThreadsFor(2), BestIsa()),
            std::vector<double>(5, unit / 2));
}

TEST(Archive, NoveltyIsTheSameOnAnyNumberOfThreadsAndOneByOne) {
  const auto asked = Walks(30, 128, 2);
  const Archive archive = ArchiveOf(BehaviourDistance::kSumOfSteps, Walks(50, 128, 1));
  const auto serial = archive.NoveltyOfAll(asked, 10, SerialFor, BestIsa());
  EXPECT_EQ(archive.NoveltyOfAll(asked, 10, ThreadsFor(3), BestIsa()), serial);
  for (size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(NoveltyIn(archive, asked[i], 10), serial[i]) << i;
  }
}

TEST(Archive, NoveltyOfPointsIsThatOfTheReference) {
  Stream stream({.seed = 8});
  std::vector<Behaviour> behaviours, asked;
  for (auto* list : {&behaviours, &asked}) {
    for (int i = 0; i < 200; ++i) {
      list->push_back(Point({double{stream.NextFloat()}, double{stream.NextFloat()}}));
    }
  }
  const Archive archive = ArchiveOf(BehaviourDistance::kEuclidean, behaviours);
  const auto novelty = archive.NoveltyOfAll(asked, 10, ThreadsFor(3), BestIsa());
  for (size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(NoveltyIn(archive, asked[i], 10), novelty[i]) << "one by one: " << i;
    std::vector<double> distances;
    for (const Behaviour& other : behaviours) {
      const double x = asked[i].point[0] - other.point[0];
      const double y = asked[i].point[1] - other.point[1];
      distances.push_back(std::sqrt(x * x + y * y));
    }
    std::ranges::sort(distances);
    double sum = 0;
    for (size_t n = 0; n < 10; ++n) sum += distances[n];
    EXPECT_EQ(novelty[i], sum / 10) << i;
  }
}

TEST(Archive, NoveltyOfAPopulationIsThatOfAnArchiveThatHoldsItToo) {
  Stream stream({.seed = 9});
  std::vector<Behaviour> archived, population;
  for (auto* list : {&archived, &population}) {
    for (int i = 0; i < 300; ++i) {
      list->push_back(Point({double{stream.NextFloat()}, static_cast<double>(stream.Below(9))}));
    }
  }
  const Archive archive = ArchiveOf(BehaviourDistance::kSquaredEuclidean, archived);
  Archive both = archive;
  for (const Behaviour& behaviour : population) both.Add(behaviour);
  const auto novelty = archive.NoveltyOfPopulation(population, 25, ThreadsFor(3), BestIsa());
  EXPECT_EQ(novelty, both.NoveltyOfArchived(population, 25, SerialFor, BestIsa()));
  EXPECT_EQ(novelty, archive.NoveltyOfPopulation(population, 25, SerialFor, BestIsa()));
}

std::string Saved(const Archive& archive) {
  ByteWriter out;
  archive.Save(out);
  return out.Take();
}

TEST(Archive, IsTheSameAfterSaving) {
  const Archive points =
      ArchiveOf(BehaviourDistance::kEuclidean, {Point({1, -2.5}), Point({0, 1e-300})});
  const Archive walks = ArchiveOf(BehaviourDistance::kFrobenius, Walks(5, 16, 1));
  for (const auto& [saved, distance] : {std::pair(Saved(points), BehaviourDistance::kEuclidean),
                                        std::pair(Saved(walks), BehaviourDistance::kFrobenius)}) {
    Archive restored(distance);
    ByteReader in(saved);
    restored.Restore(in);
    in.ExpectEnd();
    EXPECT_EQ(Saved(restored), saved);
  }
}

std::string ErrorOfRestoring(BehaviourDistance distance, const std::vector<Behaviour>& stored) {
  ByteWriter out;
  out.Add(static_cast<uint64_t>(stored.size()));
  for (const Behaviour& behaviour : stored) SaveBehaviour(behaviour, out);
  const std::string saved = out.Take();
  Archive archive(distance);
  ByteReader in(saved);
  try {
    archive.Restore(in);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Archive, RefusesBehavioursOfAnotherKindWhenRestored) {
  const std::string expected =
      "stored archive holds behaviours of another kind: resume with the distance of the run's "
      "beginning";
  const Behaviour walk = States({1, 2, 3}, 1);
  EXPECT_EQ(ErrorOfRestoring(BehaviourDistance::kEuclidean, {walk}), expected);
  EXPECT_EQ(ErrorOfRestoring(BehaviourDistance::kEuclidean, {Point({1, 2}), Point({1})}), expected);
  EXPECT_EQ(ErrorOfRestoring(BehaviourDistance::kFrobenius, {Point({1})}), expected);
  EXPECT_EQ(ErrorOfRestoring(BehaviourDistance::kFrobenius,
                             {{.point = {1}, .trajectory = walk.trajectory}}),
            expected);
}

TEST(Archive, RefusesCoordinatesThatAreNotFiniteWhenRestored) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(ErrorOfRestoring(BehaviourDistance::kEuclidean, {Point({1, bad})}),
              "stored behaviour has a coordinate that is not finite: the run's state is damaged");
  }
}

TEST(Archive, RefusesToCompareTrajectoriesOfOtherStates) {
  const Archive archive = ArchiveOf(BehaviourDistance::kFrobenius, {States({1, 2, 3, 4}, 2)});
  try {
    NoveltyIn(archive, States({1, 2, 3, 4}, 4), 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a trajectory has states of 4 bytes, but the archive one with states of 2: the "
                 "run's state is damaged");
  }
}

TEST(Archive, RefusesCutState) {
  const std::string saved = Saved(ArchiveOf(BehaviourDistance::kFrobenius, Walks(2, 16, 1)));
  for (size_t size = 0; size < saved.size(); size += 5) {
    Archive archive(BehaviourDistance::kFrobenius);
    ByteReader in(std::string_view(saved).substr(0, size));
    EXPECT_THROW(archive.Restore(in), Error) << size;
  }
}

TEST(Archive, ContainsWhatWasAdded) {
  const Archive archive = ArchiveOf(BehaviourDistance::kEuclidean, {Point({1, 2}), Point({3, 4})});
  EXPECT_TRUE(archive.Contains(Point({3, 4})));
  EXPECT_FALSE(archive.Contains(Point({3, 5})));
  EXPECT_FALSE(archive.Contains(Point({3})));
}

TEST(Archive, RefusesPointsOfAnotherSize) {
  Archive archive = ArchiveOf(BehaviourDistance::kEuclidean, {Point({1, 2})});
  const auto ask = [&](const Behaviour& point) { NoveltyIn(archive, point, 1); };
  const auto add = [&](const Behaviour& point) { archive.Add(point); };
  for (const auto& use : {std::function<void(const Behaviour&)>(ask), {add}}) {
    try {
      use(Point({1, 2, 3}));
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), std::string("behaviour has 3 coordinates, those of the archive have "
                                          "2: go on with the task of the run's beginning"));
    }
  }
}

TEST(Archive, RefusesCoordinatesThatAreNotFinite) {
  Archive archive(BehaviourDistance::kEuclidean);
  for (const auto& [value, name] :
       {std::pair(std::nan(""), "nan"), std::pair(-HUGE_VAL, "infinite")}) {
    try {
      archive.Add(Point({0, value}));
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), std::string("behaviour has a coordinate that is ") + name +
                                  ": let the task describe an episode that broke down by finite "
                                  "numbers");
    }
    EXPECT_THROW(NoveltyIn(archive, Point({value}), 1), Error);
  }
  EXPECT_EQ(archive.size(), 0u);
}

TEST(Archive, NoticesADamagedTrajectory) {
  Behaviour damaged = Walks(1, 16, 5)[0];
  damaged.trajectory.back() ^= 1;
  Archive archive = ArchiveOf(BehaviourDistance::kFrobenius, {damaged});
  EXPECT_THROW(NoveltyIn(archive, Walks(1, 16, 1)[0], 1), Error);
  EXPECT_THROW(ArchiveOf(BehaviourDistance::kFrobenius, Walks(1, 16, 1))
                   .NoveltyOfAll(std::vector<Behaviour>(3, damaged), 1, ThreadsFor(2), BestIsa()),
               Error);
}

TEST(Archive, BehavioursOfAnotherKindAreABug) {
  Archive points(BehaviourDistance::kEuclidean);
  EXPECT_THROW(points.Add(States({1}, 1)), BugError);
  points.Add(Point({1, 2}));
  EXPECT_THROW(NoveltyIn(points, Point({1, 2}), 0), BugError);
  Archive walks(BehaviourDistance::kSumOfSteps);
  EXPECT_THROW(walks.Add(Point({1})), BugError);
  walks.Add(States({1, 2}, 1));
}

}  // namespace
}  // namespace dne
