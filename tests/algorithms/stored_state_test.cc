// SPDX-License-Identifier: MIT
// States that earlier versions stored, in data/: restored, they go on as if nothing had been.
#include <gtest/gtest.h>

#include <string>

#include "dne/algorithms/adam.h"
#include "dne/algorithms/clipup.h"
#include "dne/algorithms/es.h"
#include "dne/algorithms/ga.h"
#include "dne/algorithms/ns_es.h"
#include "dne/algorithms/pgpe.h"
#include "dne/base/file.h"
#include "tests/algorithms/strategy_fixture.h"

namespace dne {
namespace {

constexpr int kRoundsBefore = 5;  // of the first state; the second is a round later
constexpr int kRoundsAfter = 6;

std::string Stored(const std::string& name) {
  return ReadFile(std::string(DNE_SOURCE_DIR "/tests/algorithms/data/") + name + ".state");
}

void ExpectSamePlan(const Plan& plan, const Plan& other, const PolicySpace& space) {
  ASSERT_EQ(plan.generation, other.generation);
  ASSERT_EQ(plan.round, other.round);
  ASSERT_EQ(plan.items.size(), other.items.size());
  for (size_t i = 0; i < plan.items.size(); ++i) {
    EXPECT_EQ(plan.items[i].genome, other.items[i].genome);
    EXPECT_EQ(plan.items[i].how, other.items[i].how);
    EXPECT_EQ(PolicyOf(plan, i, space), PolicyOf(other, i, space));
  }
}

template <class Make>
void ExpectGoesOn(const std::string& name, const Make& make) {
  const PolicySpace space = Space(1);
  const auto whole = make(ContextOf(space));
  const auto play = [&](Algorithm& algorithm) {
    const Plan plan = algorithm.Ask();
    algorithm.Tell(plan, Evaluate(plan, space));
  };
  for (int round = 0; round < kRoundsBefore; ++round) play(*whole);
  for (const char* part : {"-a", "-b"}) {
    const auto restored = make(ContextOf(space));
    restored->RestoreState(Stored(name + part));
    const auto twin = make(ContextOf(space));
    twin->RestoreState(whole->SaveState());
    for (int round = 0; round < kRoundsAfter; ++round) {
      ExpectSamePlan(twin->Ask(), restored->Ask(), space);
      play(*twin);
      play(*restored);
    }
    play(*whole);
  }
}

TEST(StoredStates, OfEsGoOn) {
  ExpectGoesOn("es", [](const StrategyContext& context) {
    EsOptions options{.strategy = SmallStrategy(),
                      .ascent = {.optimizer = {kAdam, AdamOptions{.learning_rate = 0.05}}}};
    options.strategy.observations.share = 0.5;
    return MakeEs(options, context);
  });
}

TEST(StoredStates, OfPgpeGoOn) {
  ExpectGoesOn("pgpe", [](const StrategyContext& context) {
    PgpeOptions options{.strategy = SmallStrategy(),
                        .ascent = {.optimizer = {kClipUp, ClipUpOptions{.learning_rate = 0.05}}},
                        .spreads = {.learning_rate = 0.5}};
    options.strategy.observations.share = 0.5;
    options.strategy.step_cap = {
        .type = StepCapType::kAdaptive, .max_episode_steps = 60, .first = 12};
    return MakePgpe(options, context);
  });
}

TEST(StoredStates, OfNsraEsGoOn) {
  ExpectGoesOn("nsra_es", [](const StrategyContext& context) {
    NsraEsOptions options{{.strategy = SmallStrategy(),
                           .ascent = {.optimizer = {kAdam, AdamOptions{.learning_rate = 0.05}}},
                           .meta_population = {.size = 3, .choice = CentreChoice::kRoundRobin},
                           .novelty = {.nearest = 2}},
                          {.patience = 2}};
    options.ns_es.strategy.rounds.test_episodes = 3;
    return MakeNsraEs(options, context);
  });
}

}  // namespace
}  // namespace dne
