// SPDX-License-Identifier: MIT
#include "dne/algorithms/map_elites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>

#include "dne/algorithms/population.h"
#include "dne/base/error.h"
#include "dne/episode/descriptor.h"
#include "tests/algorithms/generation_fixture.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 7;

// Ten cells on coordinate 1.
MapElitesOptions SmallOptions() {
  return {
      .population_size = 6,
      .sigma = 0.25f,
      .max_episode_steps = 50,
      .rounds = {.validation_episodes = 2, .test_episodes = 0},
      .archive = {.axes = {{.name = "x", .coordinate = 1, .lower = 0, .upper = 10, .cells = 10}},
                  .qd_offset = -100}};
}

std::unique_ptr<Algorithm> Make(const MapElitesOptions& options = SmallOptions()) {
  return MakeMapElites(options, {.run_seed = kSeed, .space = {.point = PointFromDescriptor}});
}

// What became of an individual.
struct Did {
  double score = 0;
  double x = 0;
  EpisodeEnd end = EpisodeEnd::kTerminal;
};
using World = std::function<Did(Birth)>;

std::vector<Result> Play(const Plan& plan, const World& world) {
  std::vector<Result> results(plan.items.size());
  for (size_t i = 0; i < plan.items.size(); ++i) {
    const Did did = world(plan.items[i].genome.birth());
    results[i].episodes.assign(
        plan.items[i].num_episodes,
        Episode{.score = did.score,
                .steps = 10,
                .frames = 10,
                .end = did.end,
                .descriptor = DescriptorFromPoint(std::vector<double>{-1, did.x})});
  }
  return results;
}

Generation Advance(Algorithm& algorithm, const World& world) {
  return AdvanceBy(algorithm, [&](const Plan& plan) { return Play(plan, world); });
}

// Cells and scores of all sorts.
Did Mixed(Birth birth) {
  return {.score = (birth.generation * 7 + birth.item * 5) % 11 - 4.0,
          .x = (birth.generation * 3 + birth.item * 4) % 10 + 0.5};
}

TEST(MapElites, BeginsWithTheFoundersOfTheGa) {
  const auto algorithm = Make();
  const Plan plan = algorithm->Ask();
  ASSERT_EQ(plan.items.size(), 6u);
  EXPECT_TRUE(plan.parents.empty());
  for (uint32_t i = 0; i < 6; ++i) {
    const Genome founder{.run_seed = kSeed, .founder = {0, i}, .mutations = {}};
    EXPECT_EQ(plan.items[i].genome, founder);
    EXPECT_EQ(plan.items[i].episodes, BirthEpisodes(kSeed, {0, i}));
    EXPECT_EQ(plan.items[i].how.max_steps, 50u);
  }
}

// Against an archive kept by hand.
TEST(MapElites, EveryChildIsAMutatedElite) {
  const auto algorithm = Make();
  std::map<int, std::pair<double, Genome>> cells;
  std::vector<int> filled;  // in the order of filling
  for (uint32_t generation = 0; generation < 12; ++generation) {
    const Generation g = Advance(*algorithm, Mixed);
    std::set<Birth> held;
    for (const Genome& parent : g.train.parents) held.insert(parent.birth());
    std::set<Birth> expected_held;
    uint32_t entered = 0;
    const auto elites_before = cells;
    const std::vector<int> filled_before = filled;
    for (uint32_t i = 0; i < 6; ++i) {
      const Genome& genome = g.train.items[i].genome;
      if (generation > 0) {
        Stream choice({kSeed, generation, i, Purpose::kParentChoice});
        const auto place = choice.Below(static_cast<uint32_t>(filled_before.size()));
        const Genome& parent = elites_before.at(filled_before[place]).second;
        EXPECT_EQ(genome, Child(parent, {.birth = {generation, i}, .sigma = 0.25f}));
        expected_held.insert(parent.birth());
      }
      const Did did = Mixed(genome.birth());
      const int cell = static_cast<int>(did.x);
      const bool is_new = !cells.contains(cell);
      if (is_new) filled.push_back(cell);
      if (!is_new && did.score <= cells.at(cell).first) continue;
      cells[cell] = {did.score, genome};
      ++entered;
    }
    EXPECT_EQ(held, expected_held) << "parents are held, each once, and no other elite";
    EXPECT_EQ(g.train.parents.size(), held.size());
    const Metrics& metrics = g.summary.metrics;
    double score = 0;
    double best = -1e9;
    for (const auto& [cell, elite] : cells) score += elite.first + 100;
    for (const auto& [cell, elite] : cells) best = std::max(best, elite.first);
    EXPECT_EQ(metrics.at("archive_size"), static_cast<double>(cells.size()));
    EXPECT_EQ(metrics.at("coverage"), static_cast<double>(cells.size()) / 10);
    EXPECT_EQ(metrics.at("qd_score"), score);
    EXPECT_EQ(metrics.at("archive_best"), best);
    EXPECT_EQ(metrics.at("archive_entered"), entered);
  }
  EXPECT_GE(cells.size(), 5u);
}

TEST(MapElites, SigmaFollowsItsSchedule) {
  MapElitesOptions options = SmallOptions();
  options.sigma = 1;
  options.sigma_schedule = {.type = ScheduleType::kLinear, .end = 0.5, .generations = 2};
  const auto algorithm = Make(options);
  Advance(*algorithm, Mixed);
  EXPECT_EQ(algorithm->Ask().items[0].genome.mutations.back().sigma, 0.75f);
}

TEST(MapElites, PlansSayHowChildrenAreMade) {
  MapElitesOptions options = SmallOptions();
  EXPECT_EQ(Make(options)->Ask().perturbation, PerturbationSpec{});
  options.mutation = {.kind = PerturbationKind::kSafeSum, .clip = 0.2f, .experiences = 30};
  const PerturbationSpec expected{
      .kind = PerturbationKind::kSafeSum, .clip = 0.2f, .experience = 30, .max_steps = 50};
  EXPECT_EQ(Make(options)->Ask().perturbation, expected);
}

TEST(MapElites, TheEliteIsTheFirstOfTheBestAndIsHeldWhileItIsJudged) {
  const auto algorithm = Make();
  const World world = [](Birth birth) {
    return Did{.score = birth == Birth{1, 4} || birth.generation == 3 ? 5.0 : 1.0, .x = 3};
  };
  for (uint32_t generation = 0; generation < 5; ++generation) {
    const Generation g = Advance(*algorithm, world);
    const Birth expected = generation == 0 ? Birth{0, 0} : Birth{1, 4};
    EXPECT_EQ(g.summary.elite.birth(), expected);
    ASSERT_EQ(g.validate.items.size(), 1u);
    EXPECT_EQ(g.validate.items[0].genome, g.summary.elite);
    EXPECT_EQ(g.validate.items[0].num_episodes, 2u);
    EXPECT_EQ(g.validate.parents, std::vector{g.summary.elite});
    EXPECT_EQ(g.summary.metrics.at("elite_validation"), generation == 0 ? 1 : 5);
  }
}

TEST(MapElites, BrokenIndividualsEnterNoCell) {
  const auto algorithm = Make();
  const World broken = [](Birth birth) {
    return Did{.score = 9, .x = birth.item + 0.5, .end = EpisodeEnd::kInvalid};
  };
  Generation g = Advance(*algorithm, broken);
  EXPECT_EQ(g.summary.metrics.at("coverage"), 0);
  EXPECT_FALSE(g.summary.metrics.contains("archive_best"));
  EXPECT_EQ(algorithm->Ask().items[2].genome.founder, (Birth{1, 2})) << "founders again";
  const auto other = Make();
  other->RestoreState(algorithm->SaveState());
  EXPECT_EQ(other->Ask().items, algorithm->Ask().items);
  g = Advance(*algorithm, [](Birth) { return Did{.score = -3, .x = 4}; });
  EXPECT_EQ(g.summary.elite.birth(), (Birth{1, 0})) << "any sound one is better";
  EXPECT_EQ(g.summary.metrics.at("archive_size"), 1);
}

TEST(MapElites, SeveralEpisodesCountWithTheirMeans) {
  MapElitesOptions options = SmallOptions();
  options.episodes = 2;
  options.population_size = 1;
  const auto algorithm = Make(options);
  const Generation g = AdvanceBy(*algorithm, [&](const Plan& plan) {
    std::vector<Result> results = Play(plan, [](Birth) { return Did{.score = 1, .x = 2}; });
    results[0].episodes[1].score = 4;
    results[0].episodes[1].descriptor = DescriptorFromPoint(std::vector<double>{-1, 9});
    return results;
  });
  EXPECT_EQ(g.train.items[0].num_episodes, 2u);
  EXPECT_EQ(g.summary.metrics.at("qd_score"), 102.5);
  const std::string state = algorithm->SaveState();
  const uint32_t cell = 5;  // of (2 + 9) / 2
  EXPECT_NE(state.find(std::string(reinterpret_cast<const char*>(&cell), 4)), std::string::npos);
}

TEST(MapElites, GoesOnFromItsStateAtAnyRound) {
  const auto algorithm = Make();
  for (int i = 0; i < 15; ++i) {
    const auto other = Make();
    other->RestoreState(algorithm->SaveState());
    const Plan plan = algorithm->Ask();
    EXPECT_EQ(other->Ask().items, plan.items);
    EXPECT_EQ(other->Ask().parents, plan.parents);
    EXPECT_EQ(other->SaveState(), algorithm->SaveState());
    algorithm->Tell(plan, Play(plan, Mixed));
  }
}

std::string ErrorOfRestoring(const std::string& state,
                             const MapElitesOptions& options = SmallOptions()) {
  try {
    Make(options)->RestoreState(state);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(MapElites, DamagedStatesAreRefused) {
  const auto algorithm = Make();
  const std::string fresh = algorithm->SaveState();
  // One founder has a cell, the second last, as all are equal but it.
  const World world = [](Birth birth) { return Did{.score = birth.item == 4 ? 2.0 : 1, .x = 3}; };
  Advance(*algorithm, world);
  const std::string state = algorithm->SaveState();
  EXPECT_EQ(ErrorOfRestoring(state), "no error");
  // Version, generation, round, number of relatives; one of 16 bytes; number of genomes and their
  // two places; whether there is a best one; cell, fitness and standing; number of metrics.
  constexpr size_t kRelative = 4 + 4 + 4 + 8;
  constexpr size_t kPlaces = kRelative + 16 + 8;
  constexpr size_t kBest = kPlaces + 8;
  ASSERT_EQ(state.size(), kBest + 1 + 4 + 8 + 8 + 8);
  const auto with = [&](size_t at, const std::string& bytes) {
    std::string other = state;
    return other.replace(at, bytes.size(), bytes);
  };
  ByteWriter nan;
  nan.Add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(ErrorOfRestoring(with(4, std::string(4, '\0'))),
            "stored state is damaged: it has individuals that are yet to be born");
  EXPECT_EQ(ErrorOfRestoring(fresh.substr(0, 12) + state.substr(12).substr(0, 0) +
                             fresh.substr(12, 17) + state.substr(state.size() - 8)),
            "no error")
      << "a fresh state is sound";
  EXPECT_EQ(ErrorOfRestoring(with(kBest, std::string(1, '\0'))),
            "stored state is damaged: it has no best individual, or individuals that nobody tried");
  EXPECT_EQ(ErrorOfRestoring(with(kPlaces, "\x09")),
            "stored state is damaged: an individual is missing");
  EXPECT_EQ(ErrorOfRestoring(with(kRelative + 7, "\x80")),
            "stored state is damaged: a centre stands among individuals");
  EXPECT_EQ(ErrorOfRestoring(with(kRelative + 8, std::string(4, '\0'))),
            "stored state is damaged: a parent is not older than its children");
  EXPECT_EQ(ErrorOfRestoring(with(kBest + 1, "\x0a")),
            "stored state is damaged: a cell lies beyond those of its configuration");
  const std::string not_a_number = nan.Take();
  EXPECT_EQ(ErrorOfRestoring(with(kBest + 5, not_a_number)),
            "stored state is damaged: a score is not a number");
  EXPECT_EQ(ErrorOfRestoring(with(kBest + 13, not_a_number)),
            "stored state is damaged: a score is not a number");

  Advance(*algorithm, [](Birth birth) { return Did{.score = 1, .x = birth.item + 0.5}; });
  MapElitesOptions coarse = SmallOptions();
  coarse.archive.axes[0].cells = 5;
  EXPECT_THAT(ErrorOfRestoring(algorithm->SaveState(), coarse),
              testing::HasSubstr("stored state is damaged: a cell"));
}

// --- Genomes that share ancestors ----------------------------------------------------------------

TEST(Relatives, AreReadAsTheyWereWrittenAndShareTheirAncestors) {
  const Genome founder{.run_seed = kSeed, .founder = {0, 3}, .mutations = {}};
  const Genome child = Child(founder, {.birth = {2, 1}, .sigma = 0.5f});
  std::vector<Genome> genomes = {Child(child, {.birth = {5, 0}, .sigma = 0.25f}),
                                 Child(child, {.birth = {5, 4}, .sigma = 0.25f, .mirrored = true}),
                                 founder,
                                 {.run_seed = kSeed, .founder = {0, 1}, .mutations = {}},
                                 child};
  genomes.push_back(genomes.front());
  std::vector<const Genome*> pointers;
  for (const Genome& genome : genomes) pointers.push_back(&genome);
  ByteWriter out;
  AddRelatives(out, pointers);
  const std::string bytes = out.Take();
  EXPECT_EQ(bytes.size(), 8u + 5 * 16 + 8 + 6 * 4) << "five individuals, six genomes";
  ByteReader in(bytes);
  EXPECT_EQ(ReadRelatives(in, kSeed), genomes);
  in.ExpectEnd();
}

}  // namespace
}  // namespace dne
