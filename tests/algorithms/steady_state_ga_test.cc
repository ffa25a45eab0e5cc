// SPDX-License-Identifier: MIT
#include "dne/algorithms/steady_state_ga.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "dne/base/error.h"
#include "tests/algorithms/generation_fixture.h"

namespace dne {
namespace {

SteadyStateGaOptions SmallOptions() {
  return {.population_size = 12,
          .num_children = 4,
          .tournament_size = 3,
          .sigma = 0.25f,
          .max_episode_steps = 50,
          .rounds = {.validation_episodes = 2, .test_episodes = 0}};
}

using Score = std::function<double(Birth)>;

std::vector<Result> Play(const Plan& plan, const Score& score) {
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < plan.items.size(); ++i) {
    results[i].episodes.assign(
        plan.items[i].num_episodes,
        Episode{.score = score(plan.items[i].genome.birth()), .steps = 10, .frames = 10});
  }
  return results;
}

Generation Advance(Algorithm& ga, const Score& score) {
  return AdvanceBy(ga, [&](const Plan& plan) { return Play(plan, score); });
}

// Later ones are better, and all differ.
double LaterIsBetter(Birth birth) { return birth.generation + 0.01 * birth.item; }

std::set<Birth> BirthsOf(const std::vector<Genome>& genomes) {
  std::set<Birth> births;
  for (const Genome& genome : genomes) births.insert(genome.birth());
  return births;
}

TEST(SteadyStateGa, BeginsWithFoundersAndGoesOnWithFewChildren) {
  SteadyStateGaOptions options = SmallOptions();
  options.episodes = 3;
  const auto ga = MakeSteadyStateGa(options, 7);
  const Generation first = Advance(*ga, LaterIsBetter);
  ASSERT_EQ(first.train.items.size(), 12u);
  EXPECT_TRUE(first.train.parents.empty());
  for (uint32_t i = 0; i < 12; ++i) {
    EXPECT_EQ(first.train.items[i].genome.birth(), (Birth{0, i}));
    EXPECT_EQ(first.train.items[i].num_episodes, 3u);
    EXPECT_EQ(first.train.items[i].how.max_steps, 50u);
  }
  const Generation second = Advance(*ga, LaterIsBetter);
  ASSERT_EQ(second.train.items.size(), 4u);
  EXPECT_EQ(second.train.parents.size(), 12u);
  for (uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(second.train.items[i].genome.birth(), (Birth{1, i}));
    EXPECT_EQ(second.train.items[i].num_episodes, 3u);
    ASSERT_EQ(second.train.items[i].genome.mutations.size(), 1u);
    EXPECT_EQ(second.train.items[i].genome.mutations[0].sigma, 0.25f);
    EXPECT_EQ(second.train.items[i].episodes,
              BirthEpisodes(7, second.train.items[i].genome.birth()));
  }
}

TEST(SteadyStateGa, AskingTwicePlansTheSame) {
  const auto ga = MakeSteadyStateGa(SmallOptions(), 7);
  Advance(*ga, LaterIsBetter);
  EXPECT_EQ(ga->Ask().items, ga->Ask().items);
}

// Of 12 individuals, drawn 3 at a time: the two worst win no tournament, and lose all they are in.
TEST(SteadyStateGa, TournamentsChooseParentsAndLosers) {
  std::map<uint32_t, int> chosen;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const auto ga = MakeSteadyStateGa(SmallOptions(), seed);
    Advance(*ga, LaterIsBetter);
    for (const Item& item : ga->Ask().items) ++chosen[item.genome.founder.item];
  }
  EXPECT_FALSE(chosen.contains(0) || chosen.contains(1));
  // The best one wins where it takes part: 3 of 12; the next one where the best does not.
  constexpr double kDraws = 1600;
  EXPECT_NEAR(chosen[11] / kDraws, 3.0 / 12, 0.04);
  EXPECT_NEAR(chosen[10] / kDraws, (3.0 / 12) * (9.0 / 11), 0.04);
}

// Of equal scores: each child has streams of its own for its parent and for who leaves.
TEST(SteadyStateGa, OfEqualContestantsTheFirstDrawnCounts) {
  const auto ga = MakeSteadyStateGa(SmallOptions(), 7);
  const Score flat = [](Birth) { return 1.0; };
  Advance(*ga, flat);
  const auto first_drawn = [](uint32_t child, Purpose purpose, uint32_t size) {
    return Stream({.seed = 7, .generation = 1, .item = child, .purpose = purpose}).Below(size);
  };
  const Generation second = Advance(*ga, flat);
  std::vector<Birth> expected;
  for (uint32_t i = 0; i < 12; ++i) expected.push_back({0, i});
  for (uint32_t i = 0; i < 4; ++i) {
    const Birth parent{0, first_drawn(i, Purpose::kParentChoice, 12)};
    EXPECT_EQ(second.train.items[i].genome.founder, parent);
    expected.push_back({1, i});
    expected.erase(expected.begin() + first_drawn(i, Purpose::kRemovalChoice, 13));
  }
  std::vector<Birth> left;
  for (const Genome& genome : ga->Ask().parents) left.push_back(genome.birth());
  EXPECT_EQ(left, expected);
}

TEST(SteadyStateGa, ThePopulationKeepsItsSizeAndItsBest) {
  const auto ga = MakeSteadyStateGa(SmallOptions(), 7);
  std::set<Birth> before;
  for (int i = 0; i < 30; ++i) {
    const Generation g = Advance(*ga, LaterIsBetter);
    const std::set<Birth> now = BirthsOf(ga->Ask().parents);
    ASSERT_EQ(now.size(), 12u);
    EXPECT_TRUE(now.contains(g.summary.elite.birth()));
    EXPECT_EQ(g.summary.metrics.at("elite_age"), 0) << "each generation has a better one";
    if (i > 0) {
      std::vector<Birth> gone;
      std::ranges::set_difference(before, now, std::back_inserter(gone));
      EXPECT_LE(gone.size(), 4u);
      EXPECT_GE(gone.size(), 1u);
    }
    before = now;
  }
  EXPECT_GT(before.begin()->generation, 0u) << "founders are worse, and replaced";
}

TEST(SteadyStateGa, AHillClimberTakesBetterChildrenOnly) {
  SteadyStateGaOptions options = SmallOptions();
  options.population_size = options.num_children = 1;
  const auto ga = MakeSteadyStateGa(options, 7);
  const Score score = [](Birth birth) {
    return birth.generation % 3 == 0 ? birth.generation : -1.0;
  };
  for (uint32_t generation = 0; generation < 8; ++generation) {
    Advance(*ga, score);
    const std::vector<Genome> parents = ga->Ask().parents;
    ASSERT_EQ(parents.size(), 1u);
    EXPECT_EQ(parents[0].birth(), (Birth{generation / 3 * 3, 0}));
  }
}

TEST(SteadyStateGa, TheEliteIsTheFirstOfTheBest) {
  const auto ga = MakeSteadyStateGa(SmallOptions(), 7);
  const Score flat = [](Birth birth) { return birth == Birth{0, 5} || birth.generation == 2; };
  for (int i = 0; i < 4; ++i) {
    const Generation g = Advance(*ga, flat);
    EXPECT_EQ(g.summary.elite.birth(), (Birth{0, 5}));
    ASSERT_EQ(g.validate.items.size(), 1u);
    EXPECT_EQ(g.validate.items[0].genome.birth(), (Birth{0, 5}));
    EXPECT_EQ(g.validate.items[0].num_episodes, 2u);
    EXPECT_EQ(g.summary.metrics.at("elite_age"), i);
    EXPECT_EQ(g.summary.metrics.at("elite_validation"), 1);
  }
}

TEST(SteadyStateGa, BrokenIndividualsLoseToAllOthers) {
  const auto ga = MakeSteadyStateGa(SmallOptions(), 7);
  const Plan plan = ga->Ask();
  std::vector<Result> results =
      Play(plan, [](Birth birth) { return -static_cast<double>(birth.item); });
  results[0].episodes[0].end = EpisodeEnd::kInvalid;  // of the best score
  ga->Tell(plan, results);
  EXPECT_EQ(ga->Ask().items[0].genome.birth(), (Birth{0, 1}));
}

TEST(SteadyStateGa, GoesOnFromItsStateAtAnyRound) {
  const auto ga = MakeSteadyStateGa(SmallOptions(), 7);
  for (int i = 0; i < 9; ++i) {
    const Plan plan = ga->Ask();
    ga->Tell(plan, Play(plan, LaterIsBetter));
    const auto other = MakeSteadyStateGa(SmallOptions(), 7);
    other->RestoreState(ga->SaveState());
    EXPECT_EQ(other->Ask().items, ga->Ask().items);
    EXPECT_EQ(other->Ask().parents, ga->Ask().parents);
    EXPECT_EQ(other->SaveState(), ga->SaveState());
  }
}

TEST(SteadyStateGa, PlansSayHowChildrenAreMade) {
  SteadyStateGaOptions options = SmallOptions();
  EXPECT_EQ(MakeSteadyStateGa(options, 7)->Ask().perturbation, PerturbationSpec{});
  options.mutation = {.kind = PerturbationKind::kSafeSum, .clip = 0.2f, .experiences = 30};
  const PerturbationSpec expected{
      .kind = PerturbationKind::kSafeSum, .clip = 0.2f, .experience = 30, .max_steps = 50};
  const auto ga = MakeSteadyStateGa(options, 7);
  EXPECT_EQ(ga->Ask().perturbation, expected);
  Advance(*ga, LaterIsBetter);
  EXPECT_EQ(ga->Ask().perturbation, expected);
}

std::string ErrorOfRestoring(const std::string& state, int population_size = 12) {
  SteadyStateGaOptions options = SmallOptions();
  options.population_size = population_size;
  try {
    MakeSteadyStateGa(options, 7)->RestoreState(state);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(SteadyStateGa, DamagedStatesAreRefused) {
  const std::string begun = MakeSteadyStateGa(SmallOptions(), 7)->SaveState();
  const auto ga = MakeSteadyStateGa(SmallOptions(), 7);
  Advance(*ga, LaterIsBetter);
  const std::string state = ga->SaveState();
  EXPECT_EQ(ErrorOfRestoring(state), "no error");
  EXPECT_EQ(ErrorOfRestoring(state, 13),
            "stored state is damaged: it has another number of individuals than its configuration "
            "says");
  // Version, generation, round and population come first, the elite behind them.
  std::string other = begun.substr(0, 12) + state.substr(12);
  EXPECT_THAT(ErrorOfRestoring(other), testing::HasSubstr("another number of individuals"));
  other = state;
  other.at(4) = 0;  // as if it were still generation 0 that trains
  other.at(8) = 1;
  EXPECT_EQ(ErrorOfRestoring(other), "no error") << "it validates its founders";
  Advance(*ga, LaterIsBetter);
  other = ga->SaveState();
  other.at(4) = 1;
  EXPECT_EQ(ErrorOfRestoring(other),
            "stored state is damaged: it has individuals that are yet to be born");
  // Behind the elite's one genome and score is the metrics' number.
  ByteWriter nan;
  nan.Add(std::numeric_limits<double>::quiet_NaN());
  other = state;
  other.replace(other.size() - 8 - 8, 8, nan.Take());
  EXPECT_EQ(ErrorOfRestoring(other), "stored state is damaged: a score is not a number");
  // Two numbers of genomes: of the population, and before the last genome and score the elite's.
  const size_t elite = state.size() - 8 - 8 - 8 - EncodeGenome(ga->Ask().parents[0]).size() - 8;
  other = state.substr(0, elite) + std::string(8, 0) + std::string(8, 0);
  EXPECT_EQ(ErrorOfRestoring(other), "stored state is damaged: it has no elite, or several");
}

}  // namespace
}  // namespace dne
