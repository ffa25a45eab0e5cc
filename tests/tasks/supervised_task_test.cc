// SPDX-License-Identifier: MIT
#include "dne/tasks/supervised_task.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <set>

#include "dne/base/error.h"
#include "dne/episode/descriptor.h"
#include "dne/nn/forward.h"
#include "tests/tasks/idx_folder.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

std::shared_ptr<const ImageData> Data() {
  static const auto data = std::make_shared<const ImageData>(MakePatches());
  return data;
}

std::shared_ptr<const Network> MakeNet() {
  const NetworkSpec spec{
      .hidden = {{.type = LayerType::kConv2d, .units = 5, .kernel = 3, .stride = 2}, {.units = 7}},
      .output_scale = 1};
  return std::make_shared<const Network>(spec, Shape{12, 12, 1}, 9);
}

std::vector<float> Founder(const Network& network, uint64_t seed = 3) {
  std::vector<float> policy(network.num_parameters());
  network.Initialise({.seed = seed}, policy, Isa::kScalar);
  return policy;
}

Result Play(const Task& task, std::span<const float> policy, const EpisodeStart& start,
            Isa isa = BestIsa(), const EpisodeOptions& how = {.max_steps = 2000}) {
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = false;
  Result played = task.MakeWorker(isa)->Run({policy}, {&start, 1}, how, steps, cancel);
  EXPECT_EQ(steps, played.episodes.at(0).steps);
  return played;
}

// One image at a time, as forward.h defines the outputs.
struct Judged {
  double loss = 0;
  double right = 0;
};
Judged JudgePlainly(const Network& network, std::span<const float> policy,
                    const LabelledImages& set, std::span<const uint32_t> images) {
  const auto forward = MakeForward(network, Isa::kScalar, 1);
  forward->SetParameters(policy);
  Judged judged;
  std::vector<float> outputs(9);
  for (const uint32_t i : images) {
    const int lane = 0;
    forward->Run({&lane, 1}, set.image(i), outputs);
    double sum = 0;
    for (const float output : outputs) sum += std::exp(double{output});
    judged.loss -= std::log(std::exp(double{outputs[set.labels[i]]}) / sum);
    size_t largest = 0;
    for (size_t k = 1; k < 9; ++k) largest = outputs[k] > outputs[largest] ? k : largest;
    judged.right += largest == set.labels[i];
  }
  return judged;
}

TEST(SupervisedTask, ScoresAMiniBatchThatItsSeedDraws) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 300);
  const std::vector<float> policy = Founder(*network);
  const auto images = DrawBatch(77, 300, 2000);
  const Judged judged = JudgePlainly(*network, policy, Data()->train, images);
  const Episode episode = Play(*task, policy, {.seed = 77}).episodes[0];
  EXPECT_NEAR(episode.score, -judged.loss / 300, 1e-12);
  EXPECT_EQ(task->Point(episode.descriptor), std::vector<double>{judged.right / 300});
  EXPECT_EQ(episode.steps, 300u);
  EXPECT_EQ(episode.frames, 300u);
  EXPECT_EQ(episode.end, EpisodeEnd::kTerminal);
}

TEST(SupervisedTask, WithoutASeedIsTheWholeTestSet) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 10);
  const std::vector<float> policy = Founder(*network);
  std::vector<uint32_t> all;
  for (uint32_t i = 0; i < 500; ++i) all.push_back(i);
  const Judged judged = JudgePlainly(*network, policy, Data()->test, all);
  EXPECT_EQ(task->step_limit(), 500u);
  const EpisodeOptions how{.max_steps = 500};
  const Episode episode = Play(*task, policy, {}, BestIsa(), how).episodes[0];
  EXPECT_NEAR(episode.score, -judged.loss / 500, 1e-12);
  EXPECT_EQ(task->Point(episode.descriptor), std::vector<double>{judged.right / 500});
  EXPECT_EQ(episode.steps, 500u);
  EXPECT_EQ(episode.end, EpisodeEnd::kTerminal) << "the limit cuts nothing off";
}

TEST(SupervisedTask, SeesNoMoreImagesThanItMay) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 30);
  const std::vector<float> policy = Founder(*network);
  const auto images = DrawBatch(77, 30, 2000);
  const Judged judged = JudgePlainly(*network, policy, Data()->train, std::span(images).first(4));
  const Episode episode =
      Play(*task, policy, {.seed = 77}, BestIsa(), {.max_steps = 4}).episodes[0];
  EXPECT_NEAR(episode.score, -judged.loss / 4, 1e-12);
  EXPECT_EQ(episode.steps, 4u);
  EXPECT_EQ(episode.end, EpisodeEnd::kStepLimit);
}

TEST(SupervisedTask, GivesTheSameBitsOnEveryCodePath) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 301);
  const std::vector<float> policy = Founder(*network);
  const Episode expected = Play(*task, policy, {.seed = 5}, Isa::kScalar).episodes[0];
  for (const Isa isa : SupportedIsas()) {
    EXPECT_EQ(Play(*task, policy, {.seed = 5}, isa).episodes[0], expected);
  }
}

TEST(SupervisedTask, OnlyTrainingDrawsMiniBatches) {
  const auto task = MakeSupervisedTask(MakeNet(), Data(), 10);
  std::set<EpisodeStart> starts;
  Stream training({.seed = 1, .item = 4, .purpose = Purpose::kTrainEpisode});
  for (int i = 0; i < 20; ++i) starts.insert(task->DrawStart(training));
  EXPECT_EQ(starts.size(), 20u);
  EXPECT_FALSE(starts.contains({}));
  for (const Purpose purpose :
       {Purpose::kValidationEpisode, Purpose::kTestEpisode, Purpose::kEvaluateEpisode}) {
    Stream stream({.seed = 1, .purpose = purpose});
    EXPECT_EQ(task->DrawStart(stream), EpisodeStart());
  }
}

TEST(SupervisedTask, BreaksDownWhereOutputsAreNoNumbers) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 10);
  std::vector<float> policy = Founder(*network);
  policy.back() = std::numeric_limits<float>::quiet_NaN();
  const Episode episode = Play(*task, policy, {.seed = 1}).episodes[0];
  EXPECT_EQ(episode.end, EpisodeEnd::kInvalid);
  EXPECT_EQ(episode.score, -kWorstLoss);
}

TEST(SupervisedTask, StopsWhenCancelled) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 2000);
  std::atomic<uint64_t> steps = 0;
  const std::atomic<bool> cancel = true;
  const EpisodeStart start{.seed = 1};
  const std::vector<float> policy = Founder(*network);
  task->MakeWorker(BestIsa())->Run({policy}, {&start, 1}, {.max_steps = 2000}, steps, cancel);
  EXPECT_EQ(steps, 0u);
}

TEST(SupervisedTask, SafeMutationsSeeTheImagesOfTheMiniBatch) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 6);
  const std::vector<float> policy = Founder(*network);
  const StreamId episodes{.seed = 4, .item = 9, .purpose = Purpose::kTrainEpisode};
  const EpisodeOptions how{.max_steps = 4, .notes = {.experience = 100}};
  Stream stream(episodes);
  const EpisodeStart start = task->DrawStart(stream);
  const Result played = Play(*task, policy, start, BestIsa(), how);
  std::vector<uint8_t> seen;
  const auto images = DrawBatch(*start.seed, 6, 2000);
  for (const uint32_t i : std::span(images).first(4)) {
    const auto image = Data()->train.image(i);
    seen.insert(seen.end(), image.begin(), image.end());
  }
  EXPECT_EQ(played.notes.at(0).experience.bytes, seen);
  const auto model = task->MakeOutputModel(BestIsa());
  EXPECT_EQ(model->Play(policy, episodes, how).bytes, seen);
  const Experience experience = model->Play(policy, episodes, how);
  model->SetParent(policy, experience);
  std::vector<float> sensitivity(network->num_parameters());
  model->SumSensitivity(sensitivity);
  EXPECT_GT(sensitivity.back(), 0.0f);
}

TEST(SupervisedTask, NoImageCountsForMoreThanTheWorstLoss) {
  const auto network = MakeNet();
  const auto task = MakeSupervisedTask(network, Data(), 200);
  std::vector<float> policy = Founder(*network);
  policy.back() = 1e30f;  // certain of class 8, which some of 200 are
  const Episode episode = Play(*task, policy, {.seed = 1}).episodes[0];
  EXPECT_NEAR(episode.score, -kWorstLoss * (1 - task->Point(episode.descriptor)[0]), 1e-9);
}

TEST(DrawBatch, DrawsDifferentImagesAllAlike) {
  std::vector<int> drawn(20);
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    const auto batch = DrawBatch(seed, 5, 20);
    EXPECT_EQ(std::set<uint32_t>(batch.begin(), batch.end()).size(), 5u);
    for (const uint32_t i : batch) ++drawn.at(i);
  }
  for (const int count : drawn) EXPECT_NEAR(count, 5000, 306);  // five standard deviations
  EXPECT_EQ(DrawBatch(3, 5, 20), DrawBatch(3, 5, 20));
  const auto all = DrawBatch(3, 20, 20);
  EXPECT_EQ(std::set<uint32_t>(all.begin(), all.end()).size(), 20u);
}

std::string MessageOf(const std::string& folder, int batch_size, const NetworkSpec& network) {
  Options options = kSupervisedKind.defaults();
  Fields fields;
  options.Visit(fields);
  for (const Field& field : fields.all()) {
    if (field.name == "data") field.read("data", folder);
    if (field.name == "batch_size") field.read("batch_size", int64_t{batch_size});
  }
  try {
    kSupervisedKind.make(options, {.network = network, .seed = 1, .reference_batch = nullptr});
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(SupervisedTask, RefusesWhatDoesNotFit) {
  const TempFolder temp;
  const auto& folder = temp.path();
  WriteIdxFolder(folder, {.height = 4, .width = 4, .train = 12, .test = 10});
  EXPECT_EQ(MessageOf(folder, 12, {}), "none");
  EXPECT_EQ(MessageOf(folder, 13, {}), "task.batch_size is 13, but " + folder.string() +
                                           " has 12 images to train on: give at most as many");
  EXPECT_EQ(MessageOf(folder, 5, {.hidden = {{.type = LayerType::kLstm, .units = 3}}}),
            "images have no order that a network could remember: leave out layers of type \"rnn\", "
            "\"gru\" and \"lstm\"");
}

}  // namespace
}  // namespace dne
