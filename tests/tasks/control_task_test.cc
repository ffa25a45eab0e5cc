// SPDX-License-Identifier: MIT
#include "dne/tasks/control_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "dne/base/error.h"
#include "dne/tasks/descriptor.h"

namespace dne {
namespace {

// Two numbers seen, one action. Step t sees (t, 10 + 2 t); the reward is the action, a tenth of it
// bonus; ends as told.
struct Course {
  int terminal_after = 100;
  int invalid_after = 100;
};

class ToyBody final : public ControlEnvironment {
 public:
  explicit ToyBody(const Course& course) : course_(course) {}
  const ControlSpec& spec() const override { return kSpec; }
  void Reset(uint64_t seed) override {
    steps_ = 0;
    place_ = static_cast<double>(seed % 7);
    Observe();
  }
  ControlStep Step(std::span<const float> action) override {
    ++steps_;
    place_ += double{action[0]};
    Observe();
    if (steps_ > course_.invalid_after) return {.terminal = true, .invalid = true};
    return {.reward = double{action[0]},
            .bonus = double{action[0]} / 10,
            .terminal = steps_ >= course_.terminal_after};
  }
  std::span<const float> observation() const override { return seen_; }
  std::vector<double> position() const override { return {place_, -1.5}; }

  static constexpr ControlSpec kSpec = {
      .num_observations = 2, .num_actions = 1, .frames_per_step = 5, .max_episode_steps = 40};

 private:
  void Observe() { seen_ = {static_cast<float>(steps_), 10 + 2 * static_cast<float>(steps_)}; }

  Course course_;
  int steps_ = 0;
  double place_ = 0;
  std::vector<float> seen_;
};

std::unique_ptr<Task> MakeTask(const Course& course, const ControlOptions& options) {
  const NetworkSpec linear{.hidden = {}};
  return MakeControlTask(
      ToyBody::kSpec, [course] { return std::make_unique<ToyBody>(course); },
      MakeControlNetwork(ToyBody::kSpec, linear), options);
}

// action = weights . observation + bias
Result PlayNoting(const Task& task, std::vector<float> policy, const EpisodeOptions& how,
                  uint64_t seed = 3) {
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  const EpisodeStart start{.seed = seed};
  const auto worker = task.MakeWorker(Isa::kScalar);
  return worker->Run(policy, {&start, 1}, how, steps, cancel);
}

Episode Play(const Task& task, std::vector<float> policy, const EpisodeOptions& how,
             uint64_t seed = 3) {
  const Result played = PlayNoting(task, policy, how, seed);
  EXPECT_TRUE(played.notes.empty());
  return played.episodes.at(0);
}

TEST(ControlTask, CountsStepsFramesAndRewards) {
  const auto task = MakeTask({}, {});
  const Episode episode = Play(*task, {0, 0, 2}, {.max_steps = 6});
  EXPECT_EQ(episode.steps, 6u);
  EXPECT_EQ(episode.frames, 30u);
  EXPECT_EQ(episode.score, 12);
  EXPECT_EQ(episode.end, EpisodeEnd::kStepLimit);
  EXPECT_EQ(task->Point(episode.descriptor), (std::vector<double>{3 + 12, -1.5}));
  EXPECT_EQ(task->step_limit(), 40u);
}

TEST(ControlTask, TheSignsOfRewardsAreSummedWhereWanted) {
  const EpisodeOptions how{.max_steps = 6, .notes = {.sign_sum = true}};
  EXPECT_EQ(PlayNoting(*MakeTask({}, {}), {0, 0, 2}, how).notes.at(0).sign_sum, 6);
  EXPECT_EQ(PlayNoting(*MakeTask({}, {}), {0, 0, -2}, how).notes.at(0).sign_sum, -6);
}

TEST(ControlTask, EndsWhereTheBodyFalls) {
  const Episode episode = Play(*MakeTask({.terminal_after = 4}, {}), {0, 0, 2}, {.max_steps = 6});
  EXPECT_EQ(episode.end, EpisodeEnd::kTerminal);
  EXPECT_EQ(episode.score, 8);
}

TEST(ControlTask, ABrokenSimulationNeverScoresAboveZero) {
  const auto task = MakeTask({.invalid_after = 3}, {});
  const Episode gained = Play(*task, {0, 0, 2}, {.max_steps = 6});
  EXPECT_EQ(gained.end, EpisodeEnd::kInvalid);
  EXPECT_EQ(gained.steps, 4u);
  EXPECT_EQ(gained.score, 0);
  EXPECT_EQ(Play(*task, {0, 0, -2}, {.max_steps = 6}).score, -6);
}

TEST(ControlTask, ObservationsAreNormalisedAndCut) {
  const auto task = MakeTask({}, {.normalise_observations = true, .observation_clip = 3});
  EXPECT_EQ(task->num_parameters(), 3u);
  EXPECT_EQ(task->num_normalised(), 2u);
  EXPECT_EQ(task->policy_size(), 7u);
  // The second observation is 10, 12, 14, ...: (x - 10) * 2 is 0, 4, 8, cut to 0, 3, 3.
  EXPECT_EQ(Play(*task, {0, 1, 0, 0, 10, 1, 2}, {.max_steps = 3}).score, 6);
  const auto uncut = MakeTask({}, {.normalise_observations = true, .observation_clip = 0});
  EXPECT_EQ(Play(*uncut, {0, 1, 0, 0, 10, 1, 2}, {.max_steps = 3}).score, 12);
}

TEST(ControlTask, FoundersNormaliseNothing) {
  const auto task = MakeTask({}, {.normalise_observations = true});
  std::vector<float> policy(task->policy_size(), 9);
  task->initialiser(Isa::kScalar)({1, 0, 0, Purpose::kFounder}, policy);
  EXPECT_EQ(std::vector(policy.begin() + 3, policy.end()), (std::vector<float>{0, 0, 1, 1}));
}

TEST(ControlTask, ObservationsAreSummedBeforeNormalisationWhereWanted) {
  const auto task = MakeTask({}, {.normalise_observations = true});
  const std::vector<float> policy = {0, 0, 1, 5, 5, 1, 1};
  const EpisodeOptions how{.max_steps = 3, .notes = {.observation_sums = true}};
  const Result played = PlayNoting(*task, policy, how);
  // Seen: (0, 10), (1, 12), (2, 14).
  EXPECT_EQ(played.notes.at(0).observation_sums, (std::vector<double>{3, 3, 36, 5, 440}));
}

TEST(ControlTask, WhatIsForTrainingHoldsForPerturbedPoliciesOnly) {
  const auto task = MakeTask({}, {.train_with_bonus = false, .action_noise = 0.5f});
  const std::vector<float> policy = {0, 0, 2};
  EXPECT_EQ(Play(*task, policy, {.max_steps = 4}).score, 8);
  const double noisy = Play(*task, policy, {.max_steps = 4, .perturbed = true}).score;
  EXPECT_NE(noisy, 8);
  EXPECT_EQ(noisy, Play(*task, policy, {.max_steps = 4, .perturbed = true}).score);
  EXPECT_NE(noisy, Play(*task, policy, {.max_steps = 4, .perturbed = true}, 4).score);
  const auto bonus_alone = MakeTask({}, {.train_with_bonus = false});
  EXPECT_NEAR(Play(*bonus_alone, policy, {.max_steps = 4, .perturbed = true}).score, 7.2, 1e-6);
}

TEST(Descriptor, HoldsAPointExactly) {
  const std::vector<double> point = {0.1, -3e300, 5e-324};
  EXPECT_EQ(PointFromDescriptor(DescriptorFromPoint(point)), point);
  std::vector<uint8_t> cut = DescriptorFromPoint(point);
  cut.pop_back();
  EXPECT_THROW(PointFromDescriptor(cut), Error);
}

}  // namespace
}  // namespace dne
