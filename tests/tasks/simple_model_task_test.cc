// SPDX-License-Identifier: MIT
#include "dne/tasks/simple_model_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace dne {
namespace {

Episode Play(SimpleModelData data, float w0, float w1) {
  const auto task = MakeSimpleModelTask(data);
  const std::vector<float> policy = {w0, w1};
  const EpisodeStart start;
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  const Result played =
      task->MakeWorker(Isa::kScalar)->Run({policy}, {&start, 1}, {}, steps, cancel);
  EXPECT_EQ(task->Point(played.episodes.at(0).descriptor), (std::vector<double>{w0, w1}));
  return played.episodes.at(0);
}

TEST(SimpleModelTask, ScoresSquaredErrors) {
  // y = (100 * 0.02, 0.1 * 5) = (2, 0.5)
  EXPECT_NEAR(Play(SimpleModelData::kEasy, 0.02f, 5).score, -0.25, 1e-6);
  EXPECT_NEAR(Play(SimpleModelData::kMedium, 0.02f, 5).score, -1.25, 1e-6);
  EXPECT_NEAR(Play(SimpleModelData::kWashout, 0.02f, 5).score, -2.5, 1e-6);
  EXPECT_EQ(Play(SimpleModelData::kWashout, 0.02f, 5).end, EpisodeEnd::kTerminal);
}

TEST(SimpleModelTask, IsSolvedAtYEqualsX) {
  for (const auto data :
       {SimpleModelData::kEasy, SimpleModelData::kMedium, SimpleModelData::kWashout}) {
    EXPECT_EQ(Play(data, 0.01f, 10).end, EpisodeEnd::kSolved);
    EXPECT_EQ(Play(data, 0.01f, 10.4f).end, EpisodeEnd::kTerminal);
  }
  EXPECT_EQ(Play(SimpleModelData::kEasy, -7, 10).end, EpisodeEnd::kSolved) << "x_0 is 0";
}

TEST(SimpleModelTask, GradientsCancelInTheSumAlone) {
  const std::vector<float> policy = {0.5f, -0.5f};
  std::vector<float> sum(2), abs(2), second(2);
  const auto look = [&](SimpleModelData data) {
    const auto model = MakeSimpleModelTask(data)->MakeOutputModel(Isa::kScalar);
    model->SetParent(policy, {});
    model->SumSensitivity(sum);
    model->AbsSensitivity(abs);
    model->SecondOrderSensitivity(std::vector<float>{0.6f, -0.8f}, second);
    // (100 * 0.01 * x_0)^2 + (0.1 * 2 * x_1)^2, the mean over examples
    EXPECT_NEAR(model->Divergence(std::vector<float>{0.51f, 1.5f}),
                (data == SimpleModelData::kEasy ? 0 : 1) + 0.04, 1e-5);
  };
  const float large = std::sqrt(2 * 100 * 100 * 0.6f);
  const float small = std::sqrt(2 * 0.1f * 0.1f * 0.8f);
  look(SimpleModelData::kWashout);
  EXPECT_EQ(sum, (std::vector<float>{0, 0}));
  EXPECT_EQ(abs, (std::vector<float>{100, 0.1f}));
  EXPECT_NEAR(second[0], large, 1e-3);
  EXPECT_NEAR(second[1], small, 1e-6);
  look(SimpleModelData::kMedium);
  EXPECT_EQ(sum, (std::vector<float>{100, 0.1f}));
  look(SimpleModelData::kEasy);
  EXPECT_EQ(sum, (std::vector<float>{0, 0.1f}));
}

TEST(SimpleModelTask, FoundersLieBetweenMinusOneAndOne) {
  const auto task = MakeSimpleModelTask(SimpleModelData::kEasy);
  std::set<float> seen;
  for (uint32_t item = 0; item < 200; ++item) {
    std::vector<float> policy(2);
    task->initialiser(Isa::kScalar)({.seed = 1, .item = item}, policy);
    for (const float parameter : policy) {
      EXPECT_GE(parameter, -1);
      EXPECT_LT(parameter, 1);
      seen.insert(parameter);
    }
  }
  EXPECT_GT(seen.size(), 390u);
  EXPECT_LT(*seen.begin(), -0.9f);
  EXPECT_GT(*seen.rbegin(), 0.9f);
}

}  // namespace
}  // namespace dne
