// SPDX-License-Identifier: MIT
// Centres from recipes: the same bits as the run had, by every update.
#include <gtest/gtest.h>

#include "dne/algorithms/centre_recipe.h"
#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/optimizer_kind.h"
#include "dne/algorithms/pgpe.h"
#include "dne/algorithms/snes.h"
#include "dne/base/error.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

constexpr size_t kNormalised = 1;

// All that a run could keep of its centres.
struct KeptCentre {
  WholeCentre whole;
  CentreMove move;
};

std::vector<KeptCentre> RunAndKeep(Algorithm& algorithm, int generations) {
  std::vector<KeptCentre> kept;
  for (int g = 0; g < generations; ++g) {
    const GenerationSummary summary = RunGeneration(algorithm, Space(kNormalised));
    EXPECT_EQ(summary.moves.size(), summary.centres.size());
    for (size_t i = 0; i < summary.centres.size(); ++i) {
      const Centre& centre = summary.centres[i];
      EXPECT_EQ(summary.moves[i].centre, centre.birth);
      kept.push_back({{centre, algorithm.UpdateState(centre.birth)}, summary.moves[i]});
    }
  }
  return kept;
}

// From the whole centre `first` to all that came from it, by another algorithm of the same options.
void ExpectRebuilt(const std::vector<KeptCentre>& kept, size_t first, const Algorithm& other) {
  CentreHistory history{.whole = kept[first].whole, .moves = {}};
  Birth last = kept[first].whole.centre.birth;
  for (size_t i = first + 1; i < kept.size(); ++i) {
    if (kept[i].whole.centre.birth.item != last.item) continue;
    EXPECT_EQ(kept[i].move.from, last);
    history.moves.push_back(kept[i].move);
    last = kept[i].whole.centre.birth;
    const WholeCentre rebuilt = other.Rebuild(history);
    ASSERT_EQ(*rebuilt.centre.parameters, *kept[i].whole.centre.parameters) << first << " to " << i;
    ASSERT_EQ(rebuilt.centre.birth, last);
    ASSERT_EQ(rebuilt.update, kept[i].whole.update) << first << " to " << i;
  }
}

using Maker = std::function<std::unique_ptr<Algorithm>(const StrategyContext&)>;

void ExpectAllRebuilt(const Maker& make) {
  const std::unique_ptr<Algorithm> algorithm = make(ContextOf(Space(kNormalised)));
  const std::vector<KeptCentre> kept = RunAndKeep(*algorithm, 8);
  ASSERT_EQ(kept.size(), 7u);
  for (const Isa isa : {Isa::kScalar, BestIsa()}) {
    const auto other = make(ContextOf(Space(kNormalised), /*threads=*/2, isa));
    for (size_t first = 0; first < kept.size(); ++first) ExpectRebuilt(kept, first, *other);
  }
}

StrategyOptions Observed() {
  StrategyOptions options = SmallStrategy();
  options.observations.share = 0.5;
  return options;
}

TEST(Rebuild, OfEsByEveryOptimizer) {
  for (const OptimizerKind* kind : OptimizerKinds()) {
    for (const bool antithetic : {true, false}) {
      EsOptions options{.strategy = Observed(), .ascent = {.optimizer = Chosen(*kind)}};
      options.strategy.cloud.antithetic = antithetic;
      ExpectAllRebuilt([&](const StrategyContext& context) { return MakeEs(options, context); });
    }
  }
}

TEST(Rebuild, OfTopDirections) {
  const EsOptions options{.strategy = Observed(), .top_directions = 3};
  ExpectAllRebuilt([&](const StrategyContext& context) { return MakeEs(options, context); });
}

// Of es and of all that seek novelty.
TEST(Rebuild, OfEveryPerturbation) {
  for (const PerturbationOptions& perturbation : kPerturbations) {
    const EsOptions es{.strategy = Observed(), .perturbation = perturbation};
    ExpectAllRebuilt([&](const StrategyContext& context) { return MakeEs(es, context); });
    const NsEsOptions ns_es{.strategy = Observed(), .perturbation = perturbation};
    ExpectAllRebuilt([&](const StrategyContext& context) { return MakeNsEs(ns_es, context); });
    ExpectAllRebuilt([&](const StrategyContext& context) { return MakeNsrEs(ns_es, context); });
    ExpectAllRebuilt([&](const StrategyContext& context) {
      return MakeNsraEs({ns_es, {}}, context);
    });
  }
}

TEST(Rebuild, OfPgpeWithItsSpreadsAndGrowingClouds) {
  for (const uint64_t steps : {0u, 1000u}) {
    const PgpeOptions options{.strategy = Observed(),
                              .growth = {.generation_steps = steps, .max_population_size = 40}};
    ExpectAllRebuilt([&](const StrategyContext& context) { return MakePgpe(options, context); });
  }
}

TEST(Rebuild, OfSnes) {
  const SnesOptions options{.strategy = Observed()};
  ExpectAllRebuilt([&](const StrategyContext& context) { return MakeSnes(options, context); });
}

TEST(Rebuild, OfEachMemberOfAMetaPopulation) {
  const NsraEsOptions options{{.strategy = Observed(), .meta_population = {.size = 3}}, {}};
  ExpectAllRebuilt([&](const StrategyContext& context) { return MakeNsraEs(options, context); });
}

TEST(Rebuild, AMoveOfAnotherProcessIsNotKnown) {
  const EsOptions options{.strategy = Observed()};
  const auto make = [&] { return MakeEs(options, ContextOf(Space(kNormalised))); };
  const auto first = make();
  RunGeneration(*first, Space(kNormalised));
  const Plan plan = first->Ask();
  ASSERT_FALSE(first->Tell(plan, Evaluate(plan, Space(kNormalised))).has_value());
  const auto second = make();
  second->RestoreState(first->SaveState());
  const GenerationSummary summary = RunGeneration(*second, Space(kNormalised));
  ASSERT_EQ(summary.moves.size(), 1u);
  EXPECT_TRUE(summary.moves[0].recipe.empty());
  EXPECT_EQ(summary.moves[0].centre, summary.centres[0].birth);
}

TEST(Rebuild, DamageIsToldOf) {
  const EsOptions options{.strategy = Observed()};
  const auto es = MakeEs(options, ContextOf(Space(kNormalised)));
  const std::vector<KeptCentre> kept = RunAndKeep(*es, 3);
  const CentreHistory sound{.whole = kept[0].whole, .moves = {kept[1].move}};
  EXPECT_NO_THROW(es->Rebuild(sound));

  CentreHistory shorter = sound;
  shorter.whole.centre.parameters = std::make_shared<const std::vector<float>>(3);
  EXPECT_THROW(es->Rebuild(shorter), Error);
  CentreHistory no_update = sound;
  no_update.whole.update.clear();
  EXPECT_THROW(es->Rebuild(no_update), Error);
  for (const CentreRecipe& recipe :
       {CentreRecipe{{1, 2}, {}}, CentreRecipe{{1, 2, 3}, std::vector<float>(2 * kNormalised)},
        CentreRecipe{{}, std::vector<float>(2 * kNormalised)}}) {
    CentreHistory damaged = sound;
    damaged.moves[0].recipe = recipe.Encode();
    EXPECT_THROW(es->Rebuild(damaged), Error);
  }
  CentreHistory cut = sound;
  cut.moves[0].recipe.pop_back();
  EXPECT_THROW(es->Rebuild(cut), Error);
}

TEST(Rebuild, OfTheGaIsABug) {
  EXPECT_THROW(MakeGa({}, 1)->Rebuild({}), BugError);
  EXPECT_THROW(MakeGa({}, 1)->UpdateState({}), BugError);
}

}  // namespace
}  // namespace dne
