// SPDX-License-Identifier: MIT
#include "dne/algorithms/meta_population.h"

#include <gtest/gtest.h>

#include <map>

#include "dne/algorithms/gradient_ascent.h"
#include "dne/base/error.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

MetaPopulation Agents(const MetaPopulationOptions& options) {
  return MetaPopulation(options, /*run_seed=*/3, Space(), EsUpdate({}, {}));
}

NoveltyScorer Scorer() {
  return NoveltyScorer({.nearest = 1, .distance = BehaviourDistance::kEuclidean}, nullptr,
                       SerialFor, Isa::kScalar);
}

TEST(MetaPopulation, EveryCentreBeginsElsewhere) {
  const MetaPopulation agents = Agents({.size = 3});
  EXPECT_NE(*agents[0].centre, *agents[1].centre);
  EXPECT_NE(*agents[1].centre, *agents[2].centre);
  EXPECT_EQ(agents.CentreGenome(2).founder, (CentreBirth(0, 2)));
}

TEST(MetaPopulation, SpreadsBeginAtOneWhereTheUpdateHasThem) {
  const MetaPopulation agents({}, 3, Space(), PgpeUpdate({}, {}));
  ASSERT_EQ(agents[0].centre->size(), 2 * kParameters);
  EXPECT_EQ(agents[0].centre->back(), 1.0f);
}

TEST(MetaPopulation, TakesTurns) {
  const MetaPopulation agents = Agents({.size = 2, .choice = CentreChoice::kRoundRobin});
  EXPECT_EQ(agents.Chosen(1, nullptr), 0u);
  EXPECT_EQ(agents.Chosen(2, nullptr), 1u);
  EXPECT_EQ(agents.Chosen(3, nullptr), 0u);
}

TEST(MetaPopulation, FindsAnAgentWhileItsCentreStands) {
  MetaPopulation agents = Agents({.size = 3});
  const Birth second = CentreBirth(0, 1);
  EXPECT_EQ(agents.Find(second), &agents[1]);
  agents[1].birth.generation = 4;
  EXPECT_EQ(agents.Find(second), nullptr);
}

TEST(MetaPopulation, WithoutAnyNoveltyAllAreChosenAlike) {
  MetaPopulation agents = Agents({.size = 3});
  NoveltyScorer scorer = Scorer();
  for (uint32_t m = 0; m < 3; ++m) {
    agents[m].behaviour.point = {1};
    scorer.AddToArchive(agents[m].behaviour);
  }
  std::map<uint32_t, int> chosen;
  for (uint32_t generation = 1; generation <= 900; ++generation) {
    ++chosen[agents.Chosen(generation, &scorer)];
  }
  for (uint32_t m = 0; m < 3; ++m) EXPECT_NEAR(chosen[m], 300, 50);
}

TEST(MetaPopulation, IsChosenByNovelty) {
  MetaPopulation agents = Agents({.size = 3});
  NoveltyScorer scorer = Scorer();
  // Their own entries left out, they are 0, 1 and 2 from the nearest, which is one of before.
  for (const double x : {0.0, 9.0, 102.0}) scorer.AddToArchive({.point = {x}, .trajectory = {}});
  for (uint32_t m = 0; m < 3; ++m) {
    agents[m].behaviour.point = {std::vector<double>{0, 10, 100}[m]};
    scorer.AddToArchive(agents[m].behaviour);
  }
  std::map<uint32_t, int> chosen;
  for (uint32_t generation = 1; generation <= 900; ++generation) {
    ++chosen[agents.Chosen(generation, &scorer)];
  }
  EXPECT_EQ(chosen[0], 0);
  EXPECT_NEAR(chosen[1], 300, 50);
  EXPECT_NEAR(chosen[2], 600, 50);
}

TEST(MetaPopulation, AnotherNumberOfAgentsOrParametersIsRefused) {
  ByteWriter out;
  Agents({.size = 2}).Save(out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  MetaPopulation three = Agents({.size = 3});
  EXPECT_THROW(three.Restore(in), Error);
  ByteReader again(bytes);
  MetaPopulation other({.size = 2}, 3, Space(), PgpeUpdate({}, {}));
  EXPECT_THROW(other.Restore(again), Error);
}

}  // namespace
}  // namespace dne
