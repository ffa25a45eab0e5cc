// SPDX-License-Identifier: MIT
#include "dne/algorithms/ga.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "tests/algorithms/generation_fixture.h"

namespace dne {
namespace {

GaOptions SmallOptions() {
  return {.trials = {.population_size = 8,
                     .num_candidates = 4,
                     .max_episode_steps = 50,
                     .rounds = {.validation_episodes = 3,
                                .test_episodes = 2,
                                .test_max_episode_steps = 70}},
          .num_parents = 3,
          .sigma = 0.5f};
}

using Fitness = std::function<double(const Plan&, size_t)>;

std::vector<Result> Play(const Plan& plan, const Fitness& fitness) {
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < plan.items.size(); ++i) {
    results[i].episodes.assign(plan.items[i].num_episodes,
                               Episode{.score = fitness(plan, i), .steps = 10, .frames = 40});
  }
  return results;
}

Generation Advance(Algorithm& ga, const Fitness& fitness) {
  return AdvanceBy(ga, [&](const Plan& plan) { return Play(plan, fitness); });
}

double IndexIsFitness(const Plan&, size_t i) { return static_cast<double>(i); }

TEST(Ga, FirstGenerationIsFoundersOnly) {
  const Plan plan = MakeGa(SmallOptions(), 7)->Ask();
  ASSERT_EQ(plan.items.size(), 8u);
  for (uint32_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(plan.items[i].genome.mutations.empty());
    EXPECT_EQ(plan.items[i].genome.birth(), (Birth{0, i}));
    EXPECT_EQ(plan.items[i].genome.run_seed, 7u);
    EXPECT_EQ(plan.items[i].num_episodes, 1u);
    EXPECT_EQ(plan.items[i].how.max_steps, 50u);
  }
}

TEST(Ga, AskingTwicePlansTheSame) {
  const auto ga = MakeGa(SmallOptions(), 7);
  Advance(*ga, IndexIsFitness);
  const Plan a = ga->Ask();
  const Plan b = ga->Ask();
  for (size_t i = 0; i < a.items.size(); ++i) EXPECT_EQ(a.items[i].genome, b.items[i].genome);
}

TEST(Ga, ChildrenMutateTheBestParentsOnly) {
  const auto ga = MakeGa(SmallOptions(), 7);
  Advance(*ga, IndexIsFitness);
  // The two best by training, and the elite, whose validation was best, in the last place.
  const std::set<Birth> best = {{0, 7}, {0, 6}, {0, 4}};
  std::set<Birth> used;
  for (const Item& item : ga->Ask().items) {
    ASSERT_EQ(item.genome.mutations.size(), 1u);
    EXPECT_TRUE(best.contains(item.genome.founder));
    EXPECT_EQ(item.genome.mutations[0].sigma, 0.5f);
    used.insert(item.genome.founder);
  }
  EXPECT_GT(used.size(), 1u);
}

TEST(Ga, CandidatesAreTheBestAndLaterTheOldEliteWithThem) {
  const auto ga = MakeGa(SmallOptions(), 7);
  const Generation first = Advance(*ga, IndexIsFitness);
  ASSERT_EQ(first.validate.items.size(), 4u);
  EXPECT_EQ(first.validate.items[0].genome.birth(), (Birth{0, 7}));
  EXPECT_EQ(first.validate.items[3].genome.birth(), (Birth{0, 4}));
  EXPECT_EQ(first.validate.items[0].num_episodes, 3u);

  const Generation second = Advance(*ga, IndexIsFitness);
  ASSERT_EQ(second.validate.items.size(), 4u);
  EXPECT_EQ(second.validate.items[0].genome, first.summary.elite);
  EXPECT_EQ(second.validate.items[1].genome.birth(), (Birth{1, 7}));
}

TEST(Ga, EliteIsTheBestByValidationNotByTraining) {
  const auto ga = MakeGa(SmallOptions(), 7);
  const Generation g = Advance(*ga, [](const Plan& plan, size_t i) {
    return plan.round == "train" ? static_cast<double>(i) : (i == 2 ? 100.0 : 1.0);
  });
  EXPECT_EQ(g.summary.elite.birth(), (Birth{0, 5}));
  EXPECT_EQ(g.summary.metrics.at("elite_validation"), 100.0);
  EXPECT_EQ(g.test.items[0].genome, g.summary.elite);
  EXPECT_EQ(g.test.items[0].how.max_steps, 70u);
}

TEST(Ga, EliteIsReevaluatedOnFreshEpisodesAndNeverMutated) {
  const auto ga = MakeGa(SmallOptions(), 7);
  const Fitness elite_wins = [](const Plan& plan, size_t i) {
    return plan.round == "validate" ? (i == 0 ? 9.0 : 1.0) : static_cast<double>(i);
  };
  const Generation first = Advance(*ga, elite_wins);
  const Generation second = Advance(*ga, elite_wins);
  EXPECT_EQ(second.summary.elite, first.summary.elite);
  EXPECT_EQ(second.summary.metrics.at("elite_age"), 1);
  EXPECT_NE(second.validate.items[0].episodes, first.validate.items[0].episodes);
  // It did not play in training, so it takes the last parent's place.
  const std::vector<Genome> parents = ga->Ask().parents;
  ASSERT_EQ(parents.size(), 3u);
  EXPECT_EQ(parents.back(), first.summary.elite);
}

TEST(Ga, EqualFitnessGoesToTheLowerIndex) {
  const auto ga = MakeGa(SmallOptions(), 7);
  const Generation g = Advance(*ga, [](const Plan&, size_t) { return 1.0; });
  EXPECT_EQ(g.summary.elite.birth(), (Birth{0, 0}));
  EXPECT_EQ(ga->Ask().parents[2].birth(), (Birth{0, 2}));
}

TEST(Ga, BadEliteIsReplacedWhenAnotherValidatesBetter) {
  const auto ga = MakeGa(SmallOptions(), 7);
  Advance(*ga, IndexIsFitness);
  const Generation g = Advance(*ga, [](const Plan& plan, size_t i) {
    return plan.round == "validate" ? (i == 0 ? -5.0 : 1.0) : static_cast<double>(i);
  });
  EXPECT_EQ(g.summary.elite.birth(), (Birth{1, 7}));
}

TEST(Ga, StaleEliteKeepsItsOldScoreAndIsOnlyReportedOn) {
  GaOptions options = SmallOptions();
  options.trials.elite_rule = EliteRule::kStale;
  const auto ga = MakeGa(options, 7);
  const Generation first = Advance(*ga, [](const Plan& plan, size_t i) {
    return plan.round == "train" ? (i == 3 ? 50.0 : 1.0) : -100.0;
  });
  EXPECT_EQ(first.validate.items.size(), 1u);
  const Generation second = Advance(*ga, IndexIsFitness);
  EXPECT_EQ(second.summary.elite.birth(), (Birth{0, 3}));
  const Generation third = Advance(*ga, [](const Plan&, size_t i) { return i == 4 ? 51.0 : 0.0; });
  EXPECT_EQ(third.summary.elite.birth(), (Birth{2, 4}));
}

TEST(Ga, CountsTrainingAndValidationApartFromTheTest) {
  const Generation g = Advance(*MakeGa(SmallOptions(), 7), IndexIsFitness);
  EXPECT_EQ(g.summary.metrics.at("episodes"), 8 + 4 * 3);
  EXPECT_EQ(g.summary.metrics.at("steps"), (8 + 4 * 3) * 10);
  EXPECT_EQ(g.summary.metrics.at("frames"), (8 + 4 * 3) * 40);
  EXPECT_EQ(g.summary.metrics.at("test_episodes"), 2);
  EXPECT_EQ(g.summary.metrics.at("test_steps"), 20);
}

TEST(Ga, DescribesThePopulation) {
  const Generation g = Advance(*MakeGa(SmallOptions(), 7), IndexIsFitness);
  EXPECT_EQ(g.summary.metrics.at("fitness_max"), 7);
  EXPECT_EQ(g.summary.metrics.at("fitness_min"), 0);
  EXPECT_EQ(g.summary.metrics.at("fitness_mean"), 3.5);
  EXPECT_EQ(g.summary.metrics.at("fitness_median"), 3.5);
  EXPECT_NEAR(g.summary.metrics.at("fitness_std"), 2.29129, 1e-5);
}

TEST(Ga, WithoutTestEpisodesAGenerationEndsWithValidation) {
  GaOptions options = SmallOptions();
  options.trials.rounds.test_episodes = 0;
  const auto ga = MakeGa(options, 7);
  Plan plan = ga->Ask();
  EXPECT_FALSE(ga->Tell(plan, Play(plan, IndexIsFitness)));
  plan = ga->Ask();
  EXPECT_TRUE(ga->Tell(plan, Play(plan, IndexIsFitness)));
  EXPECT_EQ(ga->Ask().generation, 1u);
}

TEST(Ga, MutationPowerFollowsItsSchedule) {
  GaOptions options = SmallOptions();
  options.sigma = 1;
  options.sigma_schedule = {.type = ScheduleType::kLinear, .end = 0, .generations = 4};
  const auto ga = MakeGa(options, 7);
  Advance(*ga, IndexIsFitness);
  EXPECT_EQ(ga->Ask().items[0].genome.mutations.back().sigma, 0.75f);
  Advance(*ga, IndexIsFitness);
  EXPECT_EQ(ga->Ask().items[0].genome.mutations.back().sigma, 0.5f);
}

TEST(Ga, RestoredInAnyRoundItPlansTheSameForTenGenerations) {
  const auto whole = MakeGa(SmallOptions(), 7);
  const Fitness fitness = [](const Plan& plan, size_t i) {
    return static_cast<double>((i * 7 + plan.generation * 3) % 11);
  };
  auto stopped = MakeGa(SmallOptions(), 7);
  for (int round = 0; round < 30; ++round) {
    const std::string state = stopped->SaveState();
    stopped = MakeGa(SmallOptions(), 7);
    stopped->RestoreState(state);
    const Plan expected = whole->Ask();
    const Plan actual = stopped->Ask();
    ASSERT_EQ(expected.items.size(), actual.items.size());
    for (size_t i = 0; i < expected.items.size(); ++i) {
      ASSERT_EQ(expected.items[i].genome, actual.items[i].genome);
      ASSERT_EQ(expected.items[i].episodes, actual.items[i].episodes);
    }
    whole->Tell(expected, Play(expected, fitness));
    stopped->Tell(actual, Play(actual, fitness));
    ASSERT_EQ(whole->SaveState(), stopped->SaveState());
  }
}

// data/ga-a.state: what version 1 stored after five rounds.
TEST(Ga, AStoredStateOfAnEarlierVersionGoesOn) {
  const Fitness fitness = [](const Plan& plan, size_t i) {
    return static_cast<double>((i * 7 + plan.generation * 3) % 11);
  };
  const auto whole = MakeGa(SmallOptions(), 7);
  for (int round = 0; round < 5; ++round) {
    const Plan plan = whole->Ask();
    whole->Tell(plan, Play(plan, fitness));
  }
  const auto restored = MakeGa(SmallOptions(), 7);
  restored->RestoreState(ReadFile(DNE_SOURCE_DIR "/tests/algorithms/data/ga-a.state"));
  for (int round = 0; round < 6; ++round) {
    const Plan expected = whole->Ask();
    const Plan actual = restored->Ask();
    ASSERT_EQ(expected.round, actual.round);
    ASSERT_EQ(expected.items.size(), actual.items.size());
    for (size_t i = 0; i < expected.items.size(); ++i) {
      ASSERT_EQ(expected.items[i].genome, actual.items[i].genome);
    }
    whole->Tell(expected, Play(expected, fitness));
    restored->Tell(actual, Play(actual, fitness));
  }
}

TEST(Ga, DamagedStateIsAnError) {
  const auto ga = MakeGa(SmallOptions(), 7);
  Advance(*ga, IndexIsFitness);
  const std::string state = ga->SaveState();
  for (size_t size = 0; size < state.size(); ++size) {
    EXPECT_THROW(ga->RestoreState(state.substr(0, size)), Error) << size;
  }
  EXPECT_THROW(ga->RestoreState(state + "x"), Error);
  std::string newer = state;
  newer[0] = 9;
  try {
    ga->RestoreState(newer);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("another version"), std::string::npos);
  }
}

TEST(Ga, NanFitnessIsNeverRanked) {
  const auto ga = MakeGa(SmallOptions(), 7);
  const Plan plan = ga->Ask();
  EXPECT_THROW(
      ga->Tell(plan, Play(plan, [](const Plan&,
                                   size_t) { return std::numeric_limits<double>::quiet_NaN(); })),
      BugError);
}

TEST(RandomSearch, EveryChildOfEveryGenerationIsAFreshFounder) {
  const auto search = MakeRandomSearch(SmallOptions().trials, 7);
  Advance(*search, IndexIsFitness);
  const Plan plan = search->Ask();
  for (uint32_t i = 0; i < plan.items.size(); ++i) {
    EXPECT_TRUE(plan.items[i].genome.mutations.empty());
    EXPECT_EQ(plan.items[i].genome.birth(), (Birth{1, i}));
  }
}

TEST(RandomSearch, KeepsItsEliteThroughValidation) {
  const auto search = MakeRandomSearch(SmallOptions().trials, 7);
  const Generation first = Advance(*search, IndexIsFitness);
  const Generation second = Advance(*search, [](const Plan& plan, size_t i) {
    return plan.round == "validate" ? -static_cast<double>(i) : 1.0;
  });
  EXPECT_EQ(second.summary.elite, first.summary.elite);
}

}  // namespace
}  // namespace dne
