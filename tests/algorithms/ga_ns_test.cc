// SPDX-License-Identifier: MIT
#include "dne/algorithms/ga_ns.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "dne/base/error.h"
#include "tests/algorithms/generation_fixture.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

GaNsOptions SmallGaNs() {
  return {.ga = {.trials = {.population_size = 8,
                            .num_candidates = 3,
                            .max_episode_steps = 50,
                            .rounds = {.validation_episodes = 2, .test_episodes = 1}},
                 .num_parents = 3,
                 .sigma = 0.5f},
          .archive_probability = 0,
          .novelty = {.nearest = 2, .distance = BehaviourDistance::kEuclidean}};
}

std::unique_ptr<Algorithm> Make(const GaNsOptions& options) {
  return MakeGaNs(options, ContextOf(Space()));
}

struct Outcome {
  uint8_t place = 0;  // where it ends
  double reward = 0;
  EpisodeEnd end = EpisodeEnd::kTerminal;
};
using Play = std::function<Outcome(const Plan&, size_t)>;

std::vector<Result> ResultsOf(const Plan& plan, const Play& play) {
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < plan.items.size(); ++i) {
    const Outcome outcome = play(plan, i);
    results[i].episodes.assign(
        plan.items[i].num_episodes,
        {.score = outcome.reward, .steps = 10, .end = outcome.end, .descriptor = {outcome.place}});
  }
  return results;
}

Generation Advance(Algorithm& algorithm, const Play& play) {
  return AdvanceBy(algorithm, [&](const Plan& plan) { return ResultsOf(plan, play); });
}

// Ends at 0, 1, 3, 6, 10, ...: with two neighbours the last are the most novel, the first of two
// ends likewise; the least novel earn most.
Outcome FarthestIsMostNovel(const Plan&, size_t i) {
  return {.place = static_cast<uint8_t>(i * (i + 1) / 2), .reward = 100.0 - static_cast<double>(i)};
}

TEST(GaNs, ParentsAreTheMostNovelWhateverTheyEarn) {
  const auto ga = Make(SmallGaNs());
  Advance(*ga, FarthestIsMostNovel);
  const std::vector<Item> items = ga->Ask().items;
  ASSERT_EQ(items.size(), 8u);
  std::set<Birth> parents;
  for (size_t i = 1; i < items.size(); ++i) {
    EXPECT_EQ(items[i].genome.birth(), (Birth{1, static_cast<uint32_t>(i)}));
    ASSERT_EQ(items[i].genome.mutations.size(), 1u);
    EXPECT_EQ(items[i].genome.mutations[0].sigma, 0.5f);
    parents.insert(items[i].genome.founder);
  }
  const std::set<Birth> most_novel = {{0, 7}, {0, 6}, {0, 5}};
  EXPECT_TRUE(std::ranges::includes(most_novel, parents));
  EXPECT_GT(parents.size(), 1u);
}

TEST(GaNs, TheFirstIndividualIsACopyOfTheMostNovel) {
  const auto ga = Make(SmallGaNs());
  const Generation first = Advance(*ga, FarthestIsMostNovel);
  for (const Item& item : first.train.items) EXPECT_TRUE(item.genome.mutations.empty());
  EXPECT_EQ(first.train.items[0].genome.birth(), (Birth{0, 0}));
  EXPECT_EQ(ga->Ask().items[0].genome, first.train.items[7].genome);
  const Generation second = Advance(*ga, FarthestIsMostNovel);
  EXPECT_EQ(ga->Ask().items[0].genome, second.train.items[7].genome);
  EXPECT_EQ(ga->Ask().items[0].genome.mutations.size(), 1u);
}

TEST(GaNs, EqualNoveltyGoesToTheLowerIndex) {
  const auto ga = Make(SmallGaNs());
  Advance(*ga, [](const Plan&, size_t) { return Outcome{.place = 9}; });
  EXPECT_EQ(ga->Ask().parents[0].birth(), (Birth{0, 0}));
  EXPECT_EQ(ga->Ask().parents[2].birth(), (Birth{0, 2}));
}

// Ends 0, 1, 3, 6, 10, 15, 21, 28: each one's two nearest are 1 + 3, 1 + 2, 2 + 3, 3 + 4, ... away.
TEST(GaNs, NoveltyIsTheMeanDistanceToTheNearestOthers) {
  const Generation g = Advance(*Make(SmallGaNs()), FarthestIsMostNovel);
  EXPECT_EQ(g.summary.metrics.at("novelty_max"), (7 + 13) / 2.0);
  EXPECT_EQ(g.summary.metrics.at("novelty_mean"), (4 + 3 + 5 + 7 + 9 + 11 + 13 + 20) / 16.0);
  EXPECT_EQ(g.summary.metrics.at("archive_size"), 0);
  EXPECT_EQ(g.summary.metrics.at("fitness_max"), 100);
}

TEST(GaNs, EqualEndsOfOthersCountAndTheOwnDoesNot) {
  GaNsOptions options = SmallGaNs();
  options.novelty.nearest = 1;
  const Generation g = Advance(*Make(options), [](const Plan&, size_t i) {
    return Outcome{.place = static_cast<uint8_t>(i < 2 ? 7 : 40 * i - 40)};  // 7, 7, 40, 80, ...
  });
  EXPECT_EQ(g.summary.metrics.at("novelty_max"), 40);
  EXPECT_EQ(g.summary.metrics.at("novelty_mean"), (0 + 0 + 33 + 5 * 40) / 8.0);
}

TEST(GaNs, TheArchiveIsAddedToOnceNoveltyIsKnown) {
  GaNsOptions options = SmallGaNs();
  options.archive_probability = 1;
  options.novelty.nearest = 1;
  const auto ga = Make(options);
  const Play same = [](const Plan&, size_t i) {
    return Outcome{.place = static_cast<uint8_t>(10 * i)};
  };
  EXPECT_EQ(Advance(*ga, same).summary.metrics.at("novelty_mean"), 10);
  // The same ends are now in the archive.
  const Generation second = Advance(*ga, same);
  EXPECT_EQ(second.summary.metrics.at("novelty_mean"), 0);
  // Of the second generation all but the copy.
  EXPECT_EQ(second.summary.metrics.at("archive_size"), 8 + 7);
}

TEST(GaNs, IndividualsEnterTheArchiveByChance) {
  GaNsOptions options = SmallGaNs();
  options.ga.trials.population_size = 2000;
  options.archive_probability = 0.1;
  const auto ga = Make(options);
  const auto entered = [&] {
    return Advance(*ga, FarthestIsMostNovel).summary.metrics.at("archive_size");
  };
  const double first = entered(), second = entered() - first;
  EXPECT_NEAR(first, 200, 50);
  EXPECT_NEAR(second, 200, 50);
  EXPECT_NE(first, second) << "each generation draws anew";
}

TEST(GaNs, TheEliteIsTheBestByRewardAndDoesNotBreed) {
  const auto ga = Make(SmallGaNs());
  const Generation first = Advance(*ga, FarthestIsMostNovel);
  EXPECT_EQ(first.validate.items.size(), 3u);
  EXPECT_EQ(first.summary.elite.birth(), (Birth{0, 0}));
  EXPECT_EQ(first.summary.metrics.at("elite_validation"), 100);
  EXPECT_EQ(first.test.items[0].genome, first.summary.elite);
  // Nobody earns as much again.
  const Generation second = Advance(*ga, [&](const Plan& plan, size_t i) {
    Outcome outcome = FarthestIsMostNovel(plan, i);
    outcome.reward = plan.items[i].genome == first.summary.elite ? 100 : 1;
    return outcome;
  });
  EXPECT_EQ(second.summary.elite, first.summary.elite);
  EXPECT_EQ(second.summary.metrics.at("elite_age"), 1);
  for (const Item& item : ga->Ask().items) EXPECT_NE(item.genome.founder, (Birth{0, 0}));
}

TEST(GaNs, AnEliteThatDoesNotBreedIsHeldAmongTheParents) {
  const auto ga = Make(SmallGaNs());
  const Generation first = Advance(*ga, FarthestIsMostNovel);
  const std::vector<Genome> held = ga->Ask().parents;
  ASSERT_EQ(held.size(), 4u);
  EXPECT_EQ(held.back(), first.summary.elite);
  // One that breeds is held once.
  const auto other = Make(SmallGaNs());
  Advance(*other, [](const Plan& plan, size_t i) {
    return Outcome{.place = FarthestIsMostNovel(plan, i).place, .reward = static_cast<double>(i)};
  });
  EXPECT_EQ(other->Ask().parents.size(), 3u);
}

TEST(GaNs, AStaleEliteKeepsItsScoreAndIsNoParent) {
  GaNsOptions options = SmallGaNs();
  options.ga.trials.elite_rule = EliteRule::kStale;
  const auto ga = Make(options);
  const Generation first = Advance(*ga, FarthestIsMostNovel);
  EXPECT_EQ(first.summary.elite.birth(), (Birth{0, 0}));
  const Generation second = Advance(*ga, [](const Plan&, size_t) { return Outcome{.reward = 5}; });
  EXPECT_EQ(second.summary.elite, first.summary.elite);
  EXPECT_EQ(ga->Ask().parents[0], second.train.items[0].genome);
  EXPECT_EQ(ga->Ask().items.size(), 8u);
}

TEST(GaNs, RewardCountsAsTheWeightSays) {
  const auto best_of = [](double weight) {
    GaNsOptions options = SmallGaNs();
    options.reward_weight = weight;
    const auto ga = Make(options);
    Advance(*ga, [](const Plan& plan, size_t i) {
      Outcome outcome = FarthestIsMostNovel(plan, i);
      if (i == 6) outcome.reward = 99.5;  // the second most novel and second best
      return outcome;
    });
    return ga->Ask().parents[0].birth().item;
  };
  EXPECT_EQ(best_of(0), 7u);
  EXPECT_EQ(best_of(0.5), 6u);
  EXPECT_EQ(best_of(1), 0u);
}

TEST(GaNs, BrokenIndividualsRankLastInNoveltyAndReward) {
  for (const double weight : {0.0, 0.5, 1.0}) {
    GaNsOptions options = SmallGaNs();
    options.reward_weight = weight;
    options.ga.num_parents = 6;
    const auto ga = Make(options);
    Advance(*ga, [](const Plan& plan, size_t i) {
      Outcome outcome = FarthestIsMostNovel(plan, i);
      if (i == 0 || i == 7) outcome.end = EpisodeEnd::kInvalid;
      return outcome;
    });
    const std::vector<Genome> held = ga->Ask().parents;
    for (size_t i = 0; i < 6; ++i) {
      EXPECT_TRUE(held[i].birth().item != 0 && held[i].birth().item != 7) << weight;
    }
  }
}

TEST(GaNs, TwoIndividualsAreEnough) {
  GaNsOptions options = SmallGaNs();
  options.ga.num_parents = options.ga.trials.population_size = 2;
  options.ga.trials.num_candidates = 2;
  Mistakes mistakes("x.toml");
  options.Check({}, mistakes);
  EXPECT_NO_THROW(mistakes.ThrowIfAny());
}

TEST(GaNs, AsksForTrajectoriesWhereItComparesThem) {
  GaNsOptions options = SmallGaNs();
  EXPECT_FALSE(Make(options)->Ask().items[0].how.notes.trajectory);
  options.novelty.distance = BehaviourDistance::kSumOfSteps;
  EXPECT_TRUE(Make(options)->Ask().items[7].how.notes.trajectory);
}

Outcome Wandering(const Plan& plan, size_t i) {
  const size_t number = i * 7 + plan.generation * 3;
  return {.place = static_cast<uint8_t>(number * number % 251),
          .reward = static_cast<double>(number % 11)};
}

TEST(GaNs, RestoredInAnyRoundItPlansTheSameForTenGenerations) {
  GaNsOptions options = SmallGaNs();
  options.archive_probability = 0.4;
  const auto whole = Make(options);
  auto stopped = Make(options);
  for (int round = 0; round < 30; ++round) {
    const std::string state = stopped->SaveState();
    stopped = Make(options);
    stopped->RestoreState(state);
    const Plan expected = whole->Ask();
    const Plan actual = stopped->Ask();
    ASSERT_EQ(expected.items.size(), actual.items.size());
    for (size_t i = 0; i < expected.items.size(); ++i) {
      ASSERT_EQ(expected.items[i].genome, actual.items[i].genome);
      ASSERT_EQ(expected.items[i].episodes, actual.items[i].episodes);
    }
    whole->Tell(expected, ResultsOf(expected, Wandering));
    stopped->Tell(actual, ResultsOf(actual, Wandering));
    ASSERT_EQ(whole->SaveState(), stopped->SaveState());
  }
}

TEST(GaNs, IsTheSameOnAnyNumberOfThreads) {
  GaNsOptions options = SmallGaNs();
  options.ga.trials.population_size = 300;
  options.archive_probability = 0.2;
  const auto serial = Make(options);
  const auto parallel = MakeGaNs(options, ContextOf(Space(), 3, BestIsa()));
  for (int generation = 0; generation < 4; ++generation) {
    Advance(*serial, Wandering);
    Advance(*parallel, Wandering);
  }
  EXPECT_EQ(serial->SaveState(), parallel->SaveState());
}

}  // namespace
}  // namespace dne
