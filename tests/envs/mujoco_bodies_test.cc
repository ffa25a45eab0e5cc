// SPDX-License-Identifier: MIT
// What mujoco.h says beside the contract of all environments (world_contract_test.cc).
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "dne/base/error.h"
#include "dne/envs/mujoco/mujoco.h"

namespace dne {
namespace {

class MujocoBodies : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Bodies, MujocoBodies, testing::ValuesIn(MujocoBodyNames()),
                         [](const auto& param_info) { return param_info.param; });

TEST_P(MujocoBodies, TheSpecIsWhatGymnasiumStates) {
  const std::map<std::string, std::pair<int, int>> sizes = {
      {"ant", {105, 8}},       {"half_cheetah", {17, 6}},  {"hopper", {11, 3}},
      {"humanoid", {348, 17}}, {"humanoid_v4", {376, 17}}, {"point", {4, 2}},
      {"swimmer", {8, 2}},     {"walker2d", {17, 6}}};
  const auto world = LoadMujocoBody(GetParam(), {});
  const EnvironmentSpec& spec = world->spec();
  EXPECT_EQ(std::pair(spec.observation.channels, spec.action.size), sizes.at(GetParam()));
  EXPECT_EQ(spec.action.type, ActionType::kContinuous);
  EXPECT_EQ(spec.max_episode_steps, GetParam() == "point" ? 400 : 1000);
  EXPECT_EQ(spec.behaviour.size, 2);
}

TEST_P(MujocoBodies, ActuatorsTakeOneAtMost) {
  if (GetParam().starts_with("humanoid")) GTEST_SKIP() << "they take 0.4";
  const auto world = LoadMujocoBody(GetParam(), {});
  const auto at_limit = world->MakeEnvironment();
  const auto beyond = world->MakeEnvironment();
  const auto size = static_cast<size_t>(world->spec().action.size);
  const std::vector<float> one(size, 1), thousand(size, 1000);
  at_limit->Reset({.seed = 1});
  beyond->Reset({.seed = 1});
  EXPECT_EQ(at_limit->Step({.values = one}).reward, beyond->Step({.values = thousand}).reward);
}

TEST(Mujoco, AnUnknownBodyIsAnsweredWithTheNearest) {
  try {
    LoadMujocoBody("half_cheeta", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "unknown body 'half_cheeta': did you mean 'half_cheetah'?");
  }
}

TEST(Mujoco, BodiesAreSortedByName) {
  const auto names = MujocoBodyNames();
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

TEST(Mujoco, AFallEndsTheEpisode) {
  const auto environment = LoadMujocoBody("walker2d", {})->MakeEnvironment();
  environment->Reset({.seed = 1});
  const std::vector<float> push(6, 1);
  StepResult step;
  for (int i = 0; i < 200 && !step.terminal; ++i) step = environment->Step({.values = push});
  EXPECT_TRUE(step.terminal);
  EXPECT_FALSE(step.invalid);
}

}  // namespace
}  // namespace dne
