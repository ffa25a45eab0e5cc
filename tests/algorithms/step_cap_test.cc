// SPDX-License-Identifier: MIT
#include "dne/algorithms/step_cap.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/expect_error.h"

namespace dne {
namespace {

std::vector<uint32_t> Grown(StepCap cap, int generations) {
  std::vector<uint32_t> steps;
  for (int i = 0; i < generations; ++i) {
    steps.push_back(cap.steps());
    cap.Adapt(/*episodes=*/10, /*cut_off=*/10);
  }
  return steps;
}

TEST(StepCap, AFixedOneStays) {
  const StepCap cap({.max_episode_steps = 50}, /*environment_limit=*/0);
  EXPECT_EQ(cap.longest(), 50u);
  EXPECT_EQ(Grown(cap, 3), (std::vector<uint32_t>{50, 50, 50}));
}

TEST(StepCap, TheEnvironmentsLimitHoldsWhereNoneIsGiven) {
  const StepCap cap({.max_episode_steps = 0}, /*environment_limit=*/1000);
  EXPECT_EQ(cap.longest(), 1000u);
  EXPECT_EQ(cap.steps(), 1000u);
}

TEST(StepCap, AnAdaptiveOneGrowsUpToTheLongestEpisode) {
  const StepCap cap(
      {.type = StepCapType::kAdaptive, .max_episode_steps = 60, .first = 12, .growth = 1.5}, 0);
  EXPECT_EQ(Grown(cap, 6), (std::vector<uint32_t>{12, 18, 27, 40, 60, 60}));
}

TEST(StepCap, NeverExceedsTheLongestEpisode) {
  const StepCap beyond({.type = StepCapType::kAdaptive, .max_episode_steps = 50, .first = 1000}, 0);
  EXPECT_EQ(Grown(beyond, 3), (std::vector<uint32_t>{50, 50, 50}));
  const StepCap both({.type = StepCapType::kAdaptive, .max_episode_steps = 500, .first = 60}, 100);
  EXPECT_EQ(both.longest(), 100u);
  EXPECT_EQ(Grown(both, 3), (std::vector<uint32_t>{60, 100, 100}));
  EXPECT_EQ(StepCap({.max_episode_steps = 500}, 100).steps(), 100u);
}

TEST(StepCap, OfNoLimitAtAllIsRefused) {
  EXPECT_EQ(StepCap({.max_episode_steps = 0}, 100).longest(), 100u);
  EXPECT_ERROR(
      StepCap({.max_episode_steps = 0}, 0),
      "max_episode_steps is 0, but the environment has no limit of its own: give a number");
}

TEST(StepCap, GrowsByAStepAtLeast) {
  const StepCap cap({.type = StepCapType::kAdaptive, .first = 10, .growth = 1.04}, 0);
  EXPECT_EQ(Grown(cap, 3), (std::vector<uint32_t>{10, 11, 12}));
}

TEST(StepCap, GrowsOnlyWhereTheShareOfEpisodesReachesIt) {
  StepCap cap({.type = StepCapType::kAdaptive, .first = 10, .share = 0.3}, 0);
  cap.Adapt(10, 2);
  EXPECT_EQ(cap.steps(), 10u);
  cap.Adapt(10, 3);
  EXPECT_EQ(cap.steps(), 20u);
}

TEST(StepCap, GoesOnFromWhatWasSaved) {
  StepCap cap({.type = StepCapType::kAdaptive, .first = 10}, 0);
  cap.Adapt(1, 1);
  ByteWriter out;
  cap.Save(out);
  StepCap other({.type = StepCapType::kAdaptive, .first = 10}, 0);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  other.Restore(in);
  EXPECT_EQ(other.steps(), 20u);
}

}  // namespace
}  // namespace dne
