// SPDX-License-Identifier: MIT
// The contract of control_environment.h, for every body.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "dne/base/error.h"
#include "dne/envs/mujoco/mujoco.h"
#include "mujoco_players.h"

namespace dne {
namespace {

constexpr int kSteps = 60;

class MujocoContract : public testing::TestWithParam<std::string> {
 protected:
  // Falling ends nothing, so that all episodes are equally long.
  std::shared_ptr<const MujocoModel> model_ =
      MujocoModel::Load(GetParam(), {.terminate_when_unhealthy = false});
};

INSTANTIATE_TEST_SUITE_P(Bodies, MujocoContract, testing::ValuesIn(MujocoBodyNames()),
                         [](const auto& param_info) { return param_info.param; });

TEST_P(MujocoContract, TheSameSeedAndActionsGiveTheSameEpisode) {
  const uint64_t played = Play(*model_->MakeEnvironment(), 5, kSteps);
  EXPECT_EQ(Play(*model_->MakeEnvironment(), 5, kSteps), played);
  const auto again = MujocoModel::Load(GetParam(), {.terminate_when_unhealthy = false});
  EXPECT_EQ(Play(*again->MakeEnvironment(), 5, kSteps), played);
  EXPECT_NE(Play(*again->MakeEnvironment(), 6, kSteps), played);
}

TEST_P(MujocoContract, ResetForgetsEverything) {
  const auto environment = model_->MakeEnvironment();
  const uint64_t played = Play(*environment, 5, kSteps);
  Play(*environment, 6, kSteps / 2);
  EXPECT_EQ(Play(*environment, 5, kSteps), played);
}

TEST_P(MujocoContract, TwoThreadsDoNotDisturbEachOther) {
  uint64_t left = 0, right = 0;
  auto play = [&](uint64_t seed, uint64_t& played) {
    played = Play(*model_->MakeEnvironment(), seed, kSteps);
  };
  std::thread left_thread(play, 1, std::ref(left));
  std::thread right_thread(play, 2, std::ref(right));
  left_thread.join();
  right_thread.join();
  EXPECT_EQ(left, Play(*model_->MakeEnvironment(), 1, kSteps));
  EXPECT_EQ(right, Play(*model_->MakeEnvironment(), 2, kSteps));
}

TEST_P(MujocoContract, TheEnvironmentOutlivesItsModel) {
  const auto environment = model_->MakeEnvironment();
  const uint64_t played = Play(*environment, 5, kSteps);
  model_.reset();
  EXPECT_EQ(Play(*environment, 5, kSteps), played);
}

TEST_P(MujocoContract, TheSpecIsWhatGymnasiumStates) {
  const std::map<std::string, std::pair<int, int>> sizes = {
      {"ant", {105, 8}},       {"half_cheetah", {17, 6}},  {"hopper", {11, 3}},
      {"humanoid", {348, 17}}, {"humanoid_v4", {376, 17}}, {"point", {4, 2}},
      {"swimmer", {8, 2}},     {"walker2d", {17, 6}}};
  const ControlSpec& spec = model_->spec();
  EXPECT_EQ(std::pair(spec.num_observations, spec.num_actions), sizes.at(GetParam()));
  EXPECT_EQ(spec.max_episode_steps, GetParam() == "point" ? 400 : 1000);
  const auto environment = model_->MakeEnvironment();
  environment->Reset(1);
  EXPECT_EQ(environment->observation().size(), static_cast<size_t>(spec.num_observations));
  EXPECT_EQ(environment->position().size(), 2u);
}

TEST_P(MujocoContract, ActionsAreClippedToWhatTheActuatorsTake) {
  const auto at_limit = model_->MakeEnvironment();
  const auto beyond = model_->MakeEnvironment();
  const auto num_actions = static_cast<size_t>(model_->spec().num_actions);
  const std::vector<float> one(num_actions, 1), thousand(num_actions, 1000);
  at_limit->Reset(1);
  beyond->Reset(1);
  EXPECT_EQ(at_limit->Step(one).reward, beyond->Step(thousand).reward);
  EXPECT_TRUE(std::ranges::equal(at_limit->observation(), beyond->observation()));
}

TEST(Mujoco, AnUnknownBodyIsAnsweredWithTheNearest) {
  try {
    MujocoModel::Load("half_cheeta", {});
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
  const auto environment = MujocoModel::Load("walker2d", {})->MakeEnvironment();
  environment->Reset(1);
  const std::vector<float> push(6, 1);
  ControlStep step;
  for (int i = 0; i < 200 && !step.terminal; ++i) step = environment->Step(push);
  EXPECT_TRUE(step.terminal);
  EXPECT_FALSE(step.invalid);
  EXPECT_THROW(environment->Step(push), BugError);
}

}  // namespace
}  // namespace dne
