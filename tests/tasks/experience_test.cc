// SPDX-License-Identifier: MIT
// What policies see is kept as their network was given it, and outputs on it follow from
// parameters.
#include <gtest/gtest.h>

#include <cmath>

#include "dne/tasks/episode_task.h"
#include "dne/tasks/experience_recorder.h"
#include "toy_world.h"

namespace dne {
namespace {

// Observation t is (t, -t).
std::vector<float> Recorded(KeptObservations kept, uint32_t most, int seen) {
  ExperienceRecorder recorder(kept, most);
  for (int t = 0; t < seen; ++t) {
    const std::vector<float> observation = {static_cast<float>(t), static_cast<float>(-t)};
    recorder.See(std::span<const float>(observation));
  }
  std::vector<float> times;
  const std::vector<float>& floats = recorder.experience().floats;
  for (size_t i = 0; i < floats.size(); i += 2) {
    EXPECT_EQ(floats[i + 1], -floats[i]);
    times.push_back(floats[i]);
  }
  return times;
}

TEST(ExperienceRecorder, KeepsTheFirstOnes) {
  EXPECT_EQ(Recorded(KeptObservations::kFirst, 4, 3), (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(Recorded(KeptObservations::kFirst, 4, 9), (std::vector<float>{0, 1, 2, 3}));
}

TEST(ExperienceRecorder, KeepsEveryNthOfAll) {
  for (uint32_t most = 1; most <= 9; ++most) {
    for (int seen = 1; seen <= 40; ++seen) {
      size_t stride = 1;
      while ((static_cast<size_t>(seen) + stride - 1) / stride > most) stride *= 2;
      std::vector<float> expected;
      for (size_t t = 0; t < static_cast<size_t>(seen); t += stride) {
        expected.push_back(static_cast<float>(t));
      }
      ASSERT_EQ(Recorded(KeptObservations::kEvenly, most, seen), expected) << most << " " << seen;
    }
  }
}

EpisodeSetup Prepare(const ToyCourse& course, const NetworkSpec& network,
                     const EpisodeTaskOptions& options = {}) {
  const auto world = std::make_shared<const ToyWorld>(course);
  return {.world = world, .network = MakeNetwork(world->spec(), network), .options = options};
}

std::vector<float> Founder(const Task& task) {
  std::vector<float> policy(task.layout().policy_size());
  task.initialiser(Isa::kScalar)({.seed = 3}, policy);
  return policy;
}

constexpr StreamId kEpisodes{
    .seed = 9, .generation = 2, .item = 5, .purpose = Purpose::kTrainEpisode};

TEST(Experience, IsWhatTheNetworkWasGiven) {
  const EpisodeOptions how{.max_steps = 6, .notes = {.experience = 100}};
  const auto task = MakeEpisodeTask(Prepare({}, {.hidden = {}}));
  const Experience seen = task->MakeOutputModel(Isa::kScalar)->Play(Founder(*task), kEpisodes, how);
  EXPECT_EQ(seen.floats, (std::vector<float>{0, 10, 1, 12, 2, 14, 3, 16, 4, 18, 5, 20}));

  const auto normalising = MakeEpisodeTask(
      Prepare({}, {.hidden = {}}, {.normalise_observations = true, .observation_clip = 2}));
  std::vector<float> policy = Founder(*normalising);
  const auto parts = normalising->layout().PartsOf(std::span(policy));
  parts.means()[0] = 1;
  parts.means()[1] = 10;
  parts.inverse_deviations()[0] = 0.5f;
  const Experience normal =
      normalising->MakeOutputModel(Isa::kScalar)->Play(policy, kEpisodes, how);
  EXPECT_EQ(normal.floats, (std::vector<float>{-0.5f, 0, 0, 2, 0.5f, 2, 1, 2, 1.5f, 2, 2, 2}));

  const auto images =
      MakeEpisodeTask(Prepare({.observes = ObservationType::kBytes, .lanes = 2}, {.hidden = {}}));
  const Experience bytes =
      images->MakeOutputModel(Isa::kScalar)->Play(Founder(*images), kEpisodes, how);
  EXPECT_EQ(bytes.bytes, (std::vector<uint8_t>{0, 10, 1, 12, 2, 14, 3, 16, 4, 18, 5, 20}));
}

TEST(Experience, IsThatOfTheEpisodesOwnStart) {
  const auto task = MakeEpisodeTask(Prepare({}, {.hidden = {}}));
  const EpisodeOptions how{.max_steps = 6, .notes = {.experience = 3}};
  Stream stream(kEpisodes);
  const EpisodeStart start = task->DrawStart(stream);
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  const std::vector<float> policy = Founder(*task);
  const Result played =
      task->MakeWorker(Isa::kScalar)->Run({policy}, {&start, 1}, how, steps, cancel);
  EXPECT_EQ(played.notes.at(0).experience,
            task->MakeOutputModel(Isa::kScalar)->Play(policy, kEpisodes, how));
}

TEST(Experience, NetworksWithAStateKeepItsBeginning) {
  const NetworkSpec recurrent{.hidden = {{.type = LayerType::kRnn, .units = 3}}};
  const auto task = MakeEpisodeTask(Prepare({}, recurrent));
  const EpisodeOptions how{.max_steps = 30, .notes = {.experience = 3}};
  const Experience seen = task->MakeOutputModel(Isa::kScalar)->Play(Founder(*task), kEpisodes, how);
  EXPECT_EQ(seen.floats, (std::vector<float>{0, 10, 1, 12, 2, 14}));
}

// output = w_0 x_0 + w_1 x_1 + b: each derivative is an input.
TEST(Experience, OutputsFollowFromParameters) {
  const auto task = MakeEpisodeTask(Prepare({}, {.hidden = {}}));
  const std::unique_ptr<OutputModel> model = task->MakeOutputModel(Isa::kScalar);
  const std::vector<float> policy = {0.5f, 0.25f, 0};
  const Experience seen{.bytes = {}, .floats = {1, 2, -3, 4}};
  model->SetParent(policy, seen);
  std::vector<float> out(3);
  model->SumSensitivity(out);
  EXPECT_EQ(out, (std::vector<float>{2, 6, 2}));
  model->AbsSensitivity(out);
  EXPECT_EQ(out, (std::vector<float>{2, 3, 1}));
  model->SecondOrderSensitivity(std::vector<float>{1, 0, 0}, out);
  // H = 2 / 2 sum of x x^T: its first column is (1 + 9, 2 - 12, 1 - 3).
  const std::vector<float> expected = {std::sqrt(10.0f), std::sqrt(10.0f), std::sqrt(2.0f)};
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(out[i], expected[i], 1e-6);
  EXPECT_EQ(model->Divergence(std::vector<float>{0.5f, 0.25f, 2}), 4);
  EXPECT_EQ(model->Divergence(std::vector<float>{1.5f, 0.25f, 0}), (1 + 9) / 2.0);
}

TEST(Experience, NetworksUnderBatchNormalisationHaveNoModel) {
  const auto world =
      std::make_shared<const ToyWorld>(ToyCourse{.observes = ObservationType::kBytes});
  const EpisodeSetup setup{
      .world = world,
      .network = MakeNetwork(world->spec(), {.hidden = {}, .virtual_batch_norm = true})};
  EXPECT_EQ(MakeEpisodeTask(setup)->MakeOutputModel(Isa::kScalar), nullptr);
}

}  // namespace
}  // namespace dne
