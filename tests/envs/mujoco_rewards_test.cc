// SPDX-License-Identifier: MIT
// What our variants of the rewards pay, beside the bodies' own (those the oracle holds).
#include <gtest/gtest.h>

#include <cmath>

#include "dne/envs/mujoco/mujoco.h"
#include "mujoco_players.h"
#include "play.h"

namespace dne {
namespace {

struct Path {
  std::vector<double> rewards;
  std::vector<std::vector<double>> places;  // one more
};

Path Walk(const std::string& body, MujocoOptions options, int steps) {
  options.terminate_when_unhealthy = false;
  const auto world = LoadMujocoBody(body, options);
  const auto environment = world->MakeEnvironment();
  environment->Reset({.seed = 3});
  Path path;
  path.places.push_back(PlaceOf(*environment));
  ActionPlayer player(3, /*smooth=*/true);
  std::vector<float> action(static_cast<size_t>(world->spec().action.size));
  for (int i = 0; i < steps; ++i) {
    player.Next(action);
    path.rewards.push_back(environment->Step({.values = action}).reward);
    path.places.push_back(PlaceOf(*environment));
  }
  return path;
}

class MujocoRewards : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Bodies, MujocoRewards, testing::ValuesIn(MujocoBodyNames()),
                         [](const auto& param_info) { return param_info.param; });

TEST_P(MujocoRewards, ForwardDistancesSumUpToTheWayAlongX) {
  const Path path = Walk(GetParam(), {.reward = MujocoReward::kForwardDistance}, 50);
  double sum = 0;
  for (const double reward : path.rewards) sum += reward;
  EXPECT_NE(sum, 0);
  EXPECT_NEAR(sum, path.places.back()[0] - path.places.front()[0], 1e-12);
}

TEST_P(MujocoRewards, IsotropicPaysTheDistanceFromTheOriginInsteadOfTheWayAlongX) {
  const Path own = Walk(GetParam(), {}, 50);
  const Path isotropic = Walk(GetParam(), {.reward = MujocoReward::kIsotropic}, 50);
  ASSERT_EQ(own.places, isotropic.places);
  const auto distance = [&](size_t i) { return std::hypot(own.places[i][0], own.places[i][1]); };
  // The velocity term's share: of two steps' differences one says what a metre is worth, and every
  // other one must agree.
  double metre = 0;
  for (size_t i = 0; i < own.rewards.size(); ++i) {
    const double more = distance(i + 1) - distance(i) - (own.places[i + 1][0] - own.places[i][0]);
    if (std::abs(more) < 1e-3) continue;
    const double worth = (isotropic.rewards[i] - own.rewards[i]) / more;
    if (metre == 0) metre = worth;
    EXPECT_NEAR(worth, metre, 1e-6 * metre);
  }
  EXPECT_GT(metre, 0);
}

TEST(MujocoHealth, TheBonusIsTheHealthyReward) {
  for (const auto& [body, bonus] :
       {std::pair("humanoid", 5.0), {"hopper", 1.0}, {"swimmer", 0.0}}) {
    const auto world = LoadMujocoBody(body, {});
    const auto environment = world->MakeEnvironment();
    environment->Reset({.seed = 3});
    const std::vector<float> still(static_cast<size_t>(world->spec().action.size), 0.0f);
    const StepResult step = environment->Step({.values = still});
    EXPECT_EQ(step.bonus, bonus) << body;
    EXPECT_NEAR(step.reward, bonus, 1) << body << " hardly moves in its first step";
  }
}

TEST(MujocoHealth, AFallCanBeLeftToGoOn) {
  const Path path = Walk("hopper", {}, 300);  // a step after the end would be a bug
  EXPECT_EQ(path.rewards.size(), 300u);
}

TEST(MujocoPoint, FullPushIsAMetreASecond) {
  const auto environment = LoadMujocoBody("point", {})->MakeEnvironment();
  environment->Reset({.seed = 1});
  const std::vector<float> east = {1, 0};
  for (int i = 0; i < 100; ++i) environment->Step({.values = east});
  const double before = PlaceOf(*environment)[0];
  const StepResult step = environment->Step({.values = east});
  EXPECT_NEAR(PlaceOf(*environment)[0] - before, 0.05, 1e-3);  // a step is 0.05 s
  EXPECT_NEAR(step.reward, 1, 0.02);
}

}  // namespace
}  // namespace dne
