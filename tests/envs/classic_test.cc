// SPDX-License-Identifier: MIT
// What classic.h says beside the contract of all environments (world_contract_test.cc) and beside
// the oracle, which holds every number to Gymnasium's.
#include "dne/envs/classic/classic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "classic_players.h"
#include "dne/base/error.h"
#include "dne/envs/classic/systems.h"
#include "play.h"

namespace dne {
namespace {

// The rewards of an episode of the skilled player.
std::vector<double> PlaySkilled(const std::string& name, uint64_t seed) {
  const auto world = LoadClassicControl(name);
  const auto environment = world->MakeEnvironment();
  environment->Reset({.seed = seed});
  std::vector<double> rewards;
  StepResult step;
  while (!step.terminal && static_cast<int>(rewards.size()) < world->spec().max_episode_steps) {
    float value = 0;
    step = environment->Step(SkilledAction(name, environment->observation().floats, value));
    rewards.push_back(step.reward);
  }
  return rewards;
}

TEST(Classic, NamesAreGymnasiumsSorted) {
  EXPECT_EQ(ClassicControlNames(),
            (std::vector<std::string>{"Acrobot-v1", "CartPole-v1", "MountainCarContinuous-v0",
                                      "Pendulum-v1"}));
}

TEST(Classic, AnUnknownNameIsAnsweredWithTheNearest) {
  try {
    LoadClassicControl("CartPole-v0");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "unknown classic control environment 'CartPole-v0': did you mean 'CartPole-v1'?");
  }
}

TEST(Classic, StartsAreUniformBetweenTheirLimits) {
  const auto world = LoadClassicControl("MountainCarContinuous-v0");
  const auto environment = world->MakeEnvironment();
  double lowest = 0, highest = -1, sum = 0;
  constexpr int kStarts = 1000;
  for (uint64_t seed = 0; seed < kStarts; ++seed) {
    environment->Reset({.seed = seed});
    const double position = PlaceOf(*environment)[0];
    lowest = std::min(lowest, position);
    highest = std::max(highest, position);
    sum += position;
    EXPECT_EQ(environment->observation().floats[1], 0) << "it stands still";
  }
  EXPECT_NEAR(lowest, -0.6, 1e-3);
  EXPECT_NEAR(highest, -0.4, 1e-3);
  EXPECT_NEAR(sum / kStarts, -0.5, 5e-3);
}

TEST(Classic, ACartThatBalancesIsPaidForEveryStep) {
  const std::vector<double> rewards = PlaySkilled("CartPole-v1", 1);
  EXPECT_EQ(rewards, std::vector<double>(500, 1.0));
}

TEST(Classic, ACarThatSwingsReachesTheGoal) {
  const std::vector<double> rewards = PlaySkilled("MountainCarContinuous-v0", 1);
  EXPECT_LT(rewards.size(), 200u);
  EXPECT_NEAR(rewards.back(), 100 - 0.1, 1e-12) << "full throttle costs a tenth";
  EXPECT_NEAR(rewards.front(), -0.1, 1e-12);
}

TEST(Classic, LinksThatArePumpedUpEndTheEpisode) {
  const std::vector<double> rewards = PlaySkilled("Acrobot-v1", 1);
  EXPECT_LT(rewards.size(), 200u);
  EXPECT_EQ(rewards.front(), -1);
  EXPECT_EQ(rewards.back(), 0);
}

TEST(Classic, APendulumCostsNothingOnlyWhereItStandsStillAndUpright) {
  const ClassicSystem& pendulum =
      *std::ranges::find(ClassicSystems(), std::string_view("Pendulum-v1"), &ClassicSystem::name);
  SystemState upright;
  EXPECT_EQ(pendulum.step(upright, 0).reward, 0);
  SystemState hanging{.numbers = {3 * std::numbers::pi}};  // one turn further
  EXPECT_NEAR(pendulum.step(hanging, 0).reward, -std::numbers::pi * std::numbers::pi, 1e-12);
  SystemState driven;
  EXPECT_NEAR(pendulum.step(driven, 2).reward, -0.004, 1e-9);
}

}  // namespace
}  // namespace dne
