// SPDX-License-Identifier: MIT
// The episode loop, on a world of our own.
#include "dne/tasks/episode_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dne/base/error.h"
#include "dne/novelty/trajectory.h"
#include "toy_world.h"

namespace dne {
namespace {

EpisodeSetup Prepare(const ToyCourse& course, const EpisodeTaskOptions& options = {}) {
  const auto world = std::make_shared<const ToyWorld>(course);
  const NetworkSpec linear{.hidden = {}};
  return {.world = world, .network = MakeNetwork(world->spec(), linear), .options = options};
}

std::unique_ptr<Task> MakeTask(const ToyCourse& course, const EpisodeTaskOptions& options = {}) {
  return MakeEpisodeTask(Prepare(course, options));
}

Result Play(TaskWorker& worker, std::span<const float> policy, std::span<const EpisodeStart> starts,
            const EpisodeOptions& how) {
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  return worker.Run({policy}, starts, how, steps, cancel);
}

// action = weights . observation + bias, for each output in turn
Result PlayNoting(const Task& task, std::vector<float> policy, const EpisodeOptions& how,
                  uint64_t seed = 3) {
  const EpisodeStart start{.seed = seed};
  return Play(*task.MakeWorker(Isa::kScalar), policy, {&start, 1}, how);
}

Episode PlayOne(const Task& task, std::vector<float> policy, const EpisodeOptions& how,
                uint64_t seed = 3) {
  const Result played = PlayNoting(task, policy, how, seed);
  EXPECT_TRUE(played.notes.empty());
  return played.episodes.at(0);
}

TEST(EpisodeTask, CountsStepsFramesAndRewards) {
  const auto task = MakeTask({});
  const Episode episode = PlayOne(*task, {0, 0, 2}, {.max_steps = 6});
  EXPECT_EQ(episode.steps, 6u);
  EXPECT_EQ(episode.frames, 30u);
  EXPECT_EQ(episode.score, 12);
  EXPECT_EQ(episode.end, EpisodeEnd::kStepLimit);
  EXPECT_EQ(task->Point(episode.descriptor), (std::vector<double>{3 + 12, -1.5}));
  EXPECT_EQ(task->step_limit(), 40u);
}

TEST(EpisodeTask, TheSignsOfRewardsAreSummedWhereWanted) {
  const EpisodeOptions how{.max_steps = 6, .notes = {.sign_sum = true}};
  EXPECT_EQ(PlayNoting(*MakeTask({}), {0, 0, 2}, how).notes.at(0).sign_sum, 6);
  EXPECT_EQ(PlayNoting(*MakeTask({}), {0, 0, -2}, how).notes.at(0).sign_sum, -6);
}

TEST(EpisodeTask, EndsWhereTheWorldSaysSo) {
  const Episode episode = PlayOne(*MakeTask({.terminal_after = 4}), {0, 0, 2}, {.max_steps = 6});
  EXPECT_EQ(episode.end, EpisodeEnd::kTerminal);
  EXPECT_EQ(episode.score, 8);
}

// As every other end, also where the step cap would have cut it off.
TEST(EpisodeTask, ReachingTheGoalIsAnEndOfItsOwn) {
  for (const uint32_t max_steps : {3u, 6u}) {
    const Episode episode =
        PlayOne(*MakeTask({.solved_after = 3}), {0, 0, 2}, {.max_steps = max_steps});
    EXPECT_EQ(episode.end, EpisodeEnd::kSolved);
    EXPECT_EQ(episode.steps, 3u);
    EXPECT_EQ(episode.score, 6);
  }
  const Episode cut_off = PlayOne(*MakeTask({.solved_after = 3}), {0, 0, 2}, {.max_steps = 2});
  EXPECT_EQ(cut_off.end, EpisodeEnd::kStepLimit);
}

TEST(EpisodeTask, ABrokenSimulationNeverScoresAboveZero) {
  const auto task = MakeTask({.invalid_after = 3});
  const Episode gained = PlayOne(*task, {0, 0, 2}, {.max_steps = 6});
  EXPECT_EQ(gained.end, EpisodeEnd::kInvalid);
  EXPECT_EQ(gained.steps, 4u);
  EXPECT_EQ(gained.score, 0);
  EXPECT_EQ(PlayOne(*task, {0, 0, -2}, {.max_steps = 6}).score, -6);
}

class AnyWorld : public testing::TestWithParam<std::tuple<ObservationType, ActionType>> {
 protected:
  ToyCourse course_{.observes = std::get<0>(GetParam()), .acts = std::get<1>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(
    Combinations, AnyWorld,
    testing::Combine(testing::Values(ObservationType::kBytes, ObservationType::kFloats),
                     testing::Values(ActionType::kDiscrete, ActionType::kContinuous)));

// The first observation says 0 or 1 step: the first output grows with it.
TEST_P(AnyWorld, IsPlayed) {
  const bool discrete = course_.acts == ActionType::kDiscrete;
  const float scale = course_.observes == ObservationType::kBytes ? 255 : 1;
  // The second choice is better from the third step on.
  const std::vector<float> policy =
      discrete ? std::vector<float>{0, scale, 0, 0, 0, -1.5f} : std::vector<float>{scale, 0, 0};
  const Episode episode = PlayOne(*MakeTask(course_), policy, {.max_steps = 5});
  EXPECT_NEAR(episode.score, discrete ? 3 : 0 + 1 + 2 + 3 + 4, 1e-4);
}

TEST_P(AnyWorld, AnOutputThatIsNotANumberEndsTheEpisodeAsInvalid) {
  const size_t size = MakeTask(course_)->layout().num_parameters;
  std::vector<float> policy(size, 0.0f);
  policy.back() = std::nanf("");
  const Episode episode = PlayOne(*MakeTask(course_), policy, {.max_steps = 5});
  EXPECT_EQ(episode.end, EpisodeEnd::kInvalid);
  EXPECT_EQ(episode.steps, 1u);
  EXPECT_EQ(episode.frames, 5u);
  EXPECT_EQ(episode.score, 0);
}

TEST_P(AnyWorld, LanesShowInNoResult) {
  std::vector<EpisodeStart> starts;
  for (uint64_t seed = 0; seed < 7; ++seed) starts.push_back({.seed = seed});
  const std::vector<float> policy(MakeTask(course_)->layout().num_parameters, 0.25f);
  const EpisodeOptions how{.max_steps = 9, .notes = {.sign_sum = true}};
  const Result alone = Play(*MakeTask(course_)->MakeWorker(BestIsa()), policy, starts, how);
  course_.lanes = 3;
  const Result together = Play(*MakeTask(course_)->MakeWorker(BestIsa()), policy, starts, how);
  EXPECT_EQ(together.episodes, alone.episodes);
  EXPECT_EQ(together.notes, alone.notes);
}

TEST(EpisodeTask, MixesPoliciesOfSmallNetworksWhereTheWorldStepsTogether) {
  const auto mixes = [](const ToyCourse& course, int units) {
    EpisodeSetup setup = Prepare(course);
    setup.network =
        MakeNetwork(setup.world->spec(), {.hidden = {{.units = units}, {.units = units}}});
    return MakeEpisodeTask(setup)->mixes_policies();
  };
  EXPECT_TRUE(mixes({.lanes = 2, .steps_together = true}, 10));
  EXPECT_FALSE(mixes({.lanes = 2, .steps_together = true}, 512)) << "one for each lane";
  EXPECT_FALSE(mixes({.lanes = 2}, 10));
}

TEST(EpisodeTask, OfEqualOutputsTheFirstIsChosen) {
  const auto task = MakeTask({.acts = ActionType::kDiscrete});
  EXPECT_EQ(PlayOne(*task, {0, 0, 0, 0, 1, 1}, {.max_steps = 5}).score, 0);
}

TEST(EpisodeTask, ObservationsAreNormalisedAndCut) {
  const auto task = MakeTask({}, {.normalise_observations = true, .observation_clip = 3});
  // One layer: two weights and a bias.
  EXPECT_EQ(task->layout(), (PolicyLayout{.num_parameters = 3,
                                          .num_normalised = 2,
                                          .layers = {{.offset = 0, .inputs = 2, .outputs = 1}}}));
  // The second observation is 10, 12, 14, ...: (x - 10) * 2 is 0, 4, 8, cut to 0, 3, 3.
  EXPECT_EQ(PlayOne(*task, {0, 1, 0, 0, 10, 1, 2}, {.max_steps = 3}).score, 6);
  const auto uncut = MakeTask({}, {.normalise_observations = true, .observation_clip = 0});
  EXPECT_EQ(PlayOne(*uncut, {0, 1, 0, 0, 10, 1, 2}, {.max_steps = 3}).score, 12);
}

TEST(EpisodeTask, LayoutListsEachMapOfALayer) {
  const Network network(
      {.hidden = {{.type = LayerType::kConv2d, .units = 2, .kernel = 3, .stride = 1},
                  {.type = LayerType::kAveragePool},
                  {.type = LayerType::kGru, .units = 4}}},
      {.height = 5, .width = 5, .channels = 1}, 3);
  const PolicyLayout layout = LayoutOf(network, 0);
  // Weights, and a bias an output behind them.
  EXPECT_EQ(layout.layers, (std::vector<LayerShape>{{.offset = 0, .inputs = 9, .outputs = 2},
                                                    {.offset = 20, .inputs = 2, .outputs = 12},
                                                    {.offset = 56, .inputs = 4, .outputs = 12},
                                                    {.offset = 116, .inputs = 4, .outputs = 3}}));
  EXPECT_EQ(layout.num_parameters, 131u);
}

TEST(EpisodeTask, FoundersNormaliseNothing) {
  const auto task = MakeTask({}, {.normalise_observations = true});
  std::vector<float> policy(task->layout().policy_size(), 9);
  task->initialiser(Isa::kScalar)({1, 0, 0, Purpose::kFounder}, policy);
  EXPECT_EQ(std::vector(policy.begin() + 3, policy.end()), (std::vector<float>{0, 0, 1, 1}));
}

TEST(EpisodeTask, ObservationsAreSummedBeforeNormalisationWhereWanted) {
  const auto task = MakeTask({}, {.normalise_observations = true});
  const std::vector<float> policy = {0, 0, 1, 5, 5, 1, 1};
  const EpisodeOptions how{.max_steps = 3, .notes = {.observation_sums = true}};
  const Result played = PlayNoting(*task, policy, how);
  // Seen: (0, 10), (1, 12), (2, 14).
  EXPECT_EQ(played.notes.at(0).observation_sums, (std::vector<double>{3, 3, 36, 5, 440}));
}

TEST(EpisodeTask, ATrajectoryIsTheBehaviourAtEveryStep) {
  const auto task = MakeTask({.behaves = BehaviourType::kBytes});
  const EpisodeOptions how{.max_steps = 3, .notes = {.trajectory = true}};
  const Result played = PlayNoting(*task, {0, 0, 2}, how);
  const Trajectory trajectory = UnpackTrajectory(played.notes.at(0).trajectory);
  EXPECT_EQ(trajectory.state_size, 2u);
  EXPECT_EQ(trajectory.states, (std::vector<uint8_t>{5, 9, 7, 9, 9, 9}));
  EXPECT_EQ(played.episodes.at(0).descriptor, (std::vector<uint8_t>{9, 9}));
}

TEST(EpisodeTask, WhatIsForTrainingHoldsForPerturbedPoliciesOnly) {
  const auto task = MakeTask({}, {.train_with_bonus = false, .action_noise = 0.5f});
  const std::vector<float> policy = {0, 0, 2};
  EXPECT_EQ(PlayOne(*task, policy, {.max_steps = 4}).score, 8);
  const double noisy = PlayOne(*task, policy, {.max_steps = 4, .perturbed = true}).score;
  EXPECT_NE(noisy, 8);
  EXPECT_EQ(noisy, PlayOne(*task, policy, {.max_steps = 4, .perturbed = true}).score);
  EXPECT_NE(noisy, PlayOne(*task, policy, {.max_steps = 4, .perturbed = true}, 4).score);
  const auto bonus_alone = MakeTask({}, {.train_with_bonus = false});
  EXPECT_NEAR(PlayOne(*bonus_alone, policy, {.max_steps = 4, .perturbed = true}).score, 7.2, 1e-6);
}

TEST(EpisodeWorker, AnObserverSeesEveryStepAndChangesNothing) {
  const EpisodeSetup setup = Prepare({.terminal_after = 4, .lanes = 3});
  const std::vector<EpisodeStart> starts = {{.seed = 1}, {.seed = 2}};
  const std::vector<float> policy = {1, 0, 0};
  std::vector<float> actions;
  std::vector<bool> ends;
  const auto on_step = [&](const Action& action, const StepResult& step) {
    actions.push_back(action.values[0]);
    ends.push_back(step.terminal);
  };
  const auto observed = MakeEpisodeWorker(setup, Isa::kScalar, {.on_step = on_step});
  const Result played = Play(*observed, policy, starts, {.max_steps = 9});
  EXPECT_EQ(actions, (std::vector<float>{0, 1, 2, 3, 0, 1, 2, 3}));
  EXPECT_EQ(ends, (std::vector<bool>{0, 0, 0, 1, 0, 0, 0, 1}));
  const auto alone = MakeEpisodeWorker(setup, Isa::kScalar);
  EXPECT_EQ(Play(*alone, policy, starts, {.max_steps = 9}).episodes, played.episodes);
}

TEST(ReferenceBatch, ComesFromAnyWorldOfBytes) {
  for (const ActionType acts : {ActionType::kDiscrete, ActionType::kContinuous}) {
    const ToyWorld world({.observes = ObservationType::kBytes, .acts = acts, .terminal_after = 5});
    const auto batch = MakeReferenceBatch(world, 4);
    ASSERT_EQ(batch->size(), 128u * 2);
    for (size_t i = 0; i < 128; ++i) EXPECT_EQ((*batch)[2 * i], i % 5) << "episodes of 5 steps";
  }
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
