// SPDX-License-Identifier: MIT
// Plans on a device against the same plans on a thread: equal results.
#include "dne/gpu/gpu_evaluator.h"

#include <gtest/gtest.h>

#include "dne/tasks/episode_task.h"
#include "dne/tasks/parity_task.h"
#include "dne/tasks/supervised_task.h"
#include "tests/expect_error.h"
#include "tests/gpu/devices.h"
#include "tests/tasks/toy_world.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 5;

std::unique_ptr<Task> MakeTask(int batch_size) {
  const NetworkSpec spec{
      .hidden = {{.type = LayerType::kConv2d, .units = 6, .kernel = 3, .stride = 1},
                 {.type = LayerType::kMaxPool, .kernel = 2, .stride = 2},
                 {.units = 7}},
      .output_scale = 1};
  return MakeSupervisedTask(std::make_shared<const Network>(spec, Shape{12, 12, 1}, 9),
                            std::make_shared<const ImageData>(MakePatches()), batch_size);
}

std::shared_ptr<std::vector<float>> NumbersOf(const Task& task, uint32_t item) {
  auto numbers = std::make_shared<std::vector<float>>(task.layout().policy_size());
  task.initialiser(BestIsa())({.seed = 4, .item = item}, *numbers);
  return numbers;
}

class GpuEvaluator : public testing::TestWithParam<std::string> {
 protected:
  EvaluatorOptions Options(bool on_device, int threads = 2) const {
    EvaluatorOptions options{.threads = threads};
    if (on_device) options.device = gpu::MakeDevice(GetParam());
    return options;
  }

  // Plans one after the other, by the same evaluators.
  void ExpectSame(const Task& task, std::span<const Plan> plans) const {
    Watch watch;
    Watch device_watch;
    const auto threads = MakeThreadEvaluator(task, Options(false), watch);
    const auto device = MakeGpuEvaluator(task, Options(true), device_watch);
    for (const Plan& plan : plans) {
      const Evaluation expected = threads->Run(plan);
      const Evaluation got = device->Run(plan);
      ASSERT_EQ(got.results.size(), plan.items.size());
      for (size_t i = 0; i < plan.items.size(); ++i) {
        ASSERT_EQ(got.results[i], expected.results[i]) << plan.round << " " << i;
      }
      EXPECT_EQ(got.episodes_run, expected.episodes_run);
      EXPECT_EQ(got.steps_run, expected.steps_run);
      EXPECT_EQ(device_watch.steps_run, watch.steps_run);
      EXPECT_EQ(device_watch.jobs_done, device_watch.jobs_total);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(All, GpuEvaluator, testing::ValuesIn(gpu::DeviceNames()),
                         [](const auto& info) { return info.param; });

Item MakeItem(const Genome& genome, uint32_t i, Purpose purpose) {
  return {.genome = genome,
          .episodes = {kSeed, 3, i, purpose},
          .num_episodes = 1 + i % 2,
          .how = {.max_steps = i % 5 == 4 ? 20u : 100'000u}};
}

// Pairs around two centres.
Plan CloudPlan(const Task& task, const PerturbationSpec& spec) {
  Plan plan{.generation = 3, .round = "train", .perturbation = spec};
  for (const uint32_t agent : {0u, 1u}) {
    auto numbers = NumbersOf(task, agent);
    const auto parts = task.layout().PartsOf(std::span(*numbers));
    std::ranges::fill(parts.means(), 3.0f + static_cast<float>(agent));
    std::ranges::fill(parts.inverse_deviations(), 0.2f);
    if (spec.kind == PerturbationKind::kSpread) {
      numbers->resize(task.layout().centre_size(true), 0.5f);
    }
    plan.centres.push_back({CentreBirth(2, agent), numbers});
  }
  for (uint32_t i = 0; i < 22; ++i) {
    const Birth centre = plan.centres[i / 13].birth;
    plan.items.push_back(
        MakeItem({.run_seed = kSeed, .founder = centre, .mutations = {{{3, i}, 0.1f, i % 2 == 1}}},
                 i / 2, Purpose::kTrainEpisode));
  }
  return plan;
}

// The centres themselves, on all test images.
Plan ValidationPlan(const Plan& cloud) {
  Plan plan = cloud;
  plan.round = "validate";
  plan.items.clear();
  for (const Centre& centre : plan.centres) {
    plan.items.push_back(MakeItem({.run_seed = kSeed, .founder = centre.birth}, centre.birth.item,
                                  Purpose::kValidationEpisode));
  }
  return plan;
}

const PerturbationSpec kClouds[] = {{},
                                    {.kind = PerturbationKind::kSpread},
                                    {.kind = PerturbationKind::kSigns},
                                    {.kind = PerturbationKind::kBucket, .bucket_size = 100},
                                    {.kind = PerturbationKind::kLowRank, .rank = 2}};

TEST_P(GpuEvaluator, ScoresCloudsOfEveryKindAsThreadsDo) {
  const auto task = MakeTask(45);
  for (const PerturbationSpec& spec : kClouds) {
    const Plan cloud = CloudPlan(*task, spec);
    ExpectSame(*task, std::array{cloud, ValidationPlan(cloud)});
  }
}

// Founders, their children, and children of theirs whose parent nobody holds.
Plan PopulationPlan(const PerturbationSpec& spec) {
  Plan plan{.generation = 3, .round = "train", .perturbation = spec};
  const Genome first{.run_seed = kSeed, .founder = {0, 1}};
  const Genome second = Child({.run_seed = kSeed, .founder = {0, 2}}, {{1, 5}, 0.05f});
  plan.parents = {first, second};
  const Genome stranger = Child({.run_seed = kSeed, .founder = {0, 3}}, {{2, 4}, 0.05f});
  for (uint32_t i = 0; i < 15; ++i) {
    const Genome& parent = i % 3 == 0 ? first : i % 3 == 1 ? second : stranger;
    plan.items.push_back(
        MakeItem(i < 3 ? parent : Child(parent, {{3, i}, 0.1f}), i, Purpose::kTrainEpisode));
  }
  return plan;
}

TEST_P(GpuEvaluator, ScoresPopulationsAsThreadsDo) {
  const auto task = MakeTask(33);
  ExpectSame(*task, std::array{PopulationPlan({})});
}

TEST_P(GpuEvaluator, ScoresSafeMutationsAsThreadsDo) {
  const auto task = MakeTask(33);
  for (const PerturbationKind kind :
       {PerturbationKind::kSafeSum, PerturbationKind::kSafeRescaled}) {
    ExpectSame(*task, std::array{PopulationPlan(
                          {.kind = kind, .clip = 1, .experience = 8, .max_steps = 100'000})});
  }
}

TEST_P(GpuEvaluator, StopsWhenItIsCancelled) {
  const auto task = MakeTask(45);
  Watch watch;
  const auto device = MakeGpuEvaluator(*task, Options(true), watch);
  watch.cancel = true;
  EXPECT_THROW(device->Run(CloudPlan(*task, {})), Cancelled);
  watch.cancel = false;
  EXPECT_EQ(device->Run(CloudPlan(*task, {})).results.size(), 22u);
}

std::unique_ptr<Task> MakeEpisodes(const ToyCourse& course, const NetworkSpec& network,
                                   const EpisodeTaskOptions& options = {}) {
  const auto world = std::make_shared<const ToyWorld>(course);
  return MakeEpisodeTask(
      {.world = world, .network = MakeNetwork(world->spec(), network), .options = options});
}

const NetworkSpec kDense{
    .hidden = {{.units = 7, .activation = Activation::kTanh}, {.units = 133}, {.units = 7}},
    .output_activation = Activation::kTanh,
    .skip_every = 2,
    .output_scale = 1};

TEST_P(GpuEvaluator, ScoresEpisodesOfEveryKindOfCloudAsThreadsDo) {
  for (const ActionType acts : {ActionType::kContinuous, ActionType::kDiscrete}) {
    for (const bool together : {false, true}) {
      const ToyCourse course{
          .acts = acts, .terminal_after = 30, .lanes = 3, .steps_together = together};
      EpisodeTaskOptions options{.normalise_observations = true};
      if (acts == ActionType::kContinuous) options.action_noise = 0.3f;
      const auto task = MakeEpisodes(course, kDense, options);
      for (const PerturbationSpec& spec : kClouds) {
        Plan cloud = CloudPlan(*task, spec);
        for (Item& item : cloud.items) {
          item.how.perturbed = true;
          item.how.notes.observation_sums = true;
        }
        ExpectSame(*task, std::array{cloud, ValidationPlan(cloud)});
      }
    }
  }
}

TEST_P(GpuEvaluator, ScoresEpisodesOfPopulationsAsThreadsDo) {
  const auto task = MakeEpisodes({.terminal_after = 20}, kDense);
  ExpectSame(*task, std::array{PopulationPlan({})});
  const auto safe = MakeEpisodes({.terminal_after = 20}, {.hidden = {{.units = 9}}});
  ExpectSame(
      *safe,
      std::array{PopulationPlan(
          {.kind = PerturbationKind::kSafeSum, .clip = 1, .experience = 8, .max_steps = 100'000})});
}

TEST_P(GpuEvaluator, KeepsItsLanesFullWhereThereAreMoreEpisodes) {
  const auto task = MakeEpisodes({.terminal_after = 4}, {.hidden = {{.units = 5}}});
  Plan cloud = CloudPlan(*task, {});
  for (uint32_t i = 0; i < 700; ++i) {
    cloud.items.push_back(cloud.items[i]);
    cloud.items.back().episodes.item = 1000 + i;
    cloud.items.back().how.max_steps = 1 + i % 4;
  }
  ExpectSame(*task, std::array{cloud});
}

TEST_P(GpuEvaluator, SaysWhoseEpisodeBrokeDown) {
  ToyCourse course{.terminal_after = 4};
  const Plan cloud = CloudPlan(*MakeEpisodes(course, kDense), {});
  Stream stream(cloud.items[9].episodes);
  course.burns_at = ToyWorld(course).DrawStart(stream).seed;
  const auto task = MakeEpisodes(course, kDense);
  Watch watch;
  EXPECT_ERROR(MakeGpuEvaluator(*task, Options(true), watch)->Run(cloud),
               "generation 3, round train, item 8, individual 3.8: the toy is on fire");
}

TEST_P(GpuEvaluator, StopsEpisodesWhenItIsCancelled) {
  const auto task = MakeEpisodes({}, kDense);
  Watch watch;
  const auto device = MakeGpuEvaluator(*task, Options(true), watch);
  watch.cancel = true;
  EXPECT_THROW(device->Run(CloudPlan(*task, {})), Cancelled);
  watch.cancel = false;
  EXPECT_EQ(device->Run(CloudPlan(*task, {})).results.size(), 22u);
}

TEST_P(GpuEvaluator, RefusesNetworksThatTheDeviceDoesNotRun) {
  const auto refused = [&](const ToyCourse& course, const NetworkSpec& network) {
    const auto task = MakeEpisodes(course, network);
    Watch watch;
    return ErrorOf([&] { MakeGpuEvaluator(*task, Options(true), watch); });
  };
  const auto text = [](const std::string& what) {
    return "--device cuda: policies of environments run on the graphics card where their networks "
           "are dense layers of 32-bit weights, but this one has " +
           what + ": leave the option out, or take the preset \"mlp\"";
  };
  EXPECT_EQ(refused({}, {.hidden = {{.type = LayerType::kGru, .units = 3}}}),
            text("a recurrent layer"));
  EXPECT_EQ(refused({}, {.hidden = {{.units = 3}}, .weights = WeightType::kFloat16}),
            text("weights of 16 bits"));
  const ToyCourse images{.observes = ObservationType::kBytes};
  EXPECT_EQ(refused(images, {.hidden = {{.units = 3}}}), text("an image as its input"));
  EXPECT_EQ(refused(images, {.hidden = {{.type = LayerType::kAveragePool}}}),
            text("layers for images"));
}

TEST_P(GpuEvaluator, RefusesTasksThatHaveNoNetworksForIt) {
  const NetworkSpec recurrent{.hidden = {{.type = LayerType::kRnn, .units = 3}}};
  const auto task = MakeParityTask(std::make_shared<const Network>(recurrent, Shape{1, 1, 1}, 1));
  Watch watch;
  EXPECT_ERROR(MakeGpuEvaluator(*task, Options(true), watch),
               "--device cuda: a graphics card runs the networks of supervised tasks and of "
               "environments, but this task is neither: leave the option out");
}

TEST_P(GpuEvaluator, PlaysEpisodesInPiecesWhereLittleFits) {
  if (GetParam() != "host") GTEST_SKIP() << "the card has more";
  const auto task = MakeEpisodes({.terminal_after = 9}, kDense);
  for (const PerturbationSpec& spec : kClouds) {
    const Plan cloud = CloudPlan(*task, spec);
    EvaluatorOptions options{.threads = 1};
    Watch watch;
    const auto expected = MakeThreadEvaluator(*task, options, watch)->Run(cloud);
    options.device = gpu::MakeHostDevice(300'000);
    const auto device = MakeGpuEvaluator(*task, options, watch);
    EXPECT_EQ(device->Run(cloud).results, expected.results);
  }
  EvaluatorOptions options{.threads = 1};
  options.device = gpu::MakeHostDevice(30'000);
  Watch watch;
  EXPECT_ERROR(MakeGpuEvaluator(*task, options, watch),
               "of the graphics card for one member and an observation");
}

TEST_P(GpuEvaluator, PlaysInPiecesWhereLittleFits) {
  if (GetParam() != "host") GTEST_SKIP() << "the card has more";
  const auto task = MakeTask(45);
  for (const PerturbationSpec& spec :
       {PerturbationSpec{}, PerturbationSpec{.kind = PerturbationKind::kLowRank, .rank = 1}}) {
    const Plan cloud = CloudPlan(*task, spec);
    EvaluatorOptions options{.threads = 1};
    Watch watch;
    const auto expected = MakeThreadEvaluator(*task, options, watch)->Run(cloud);
    options.device = gpu::MakeHostDevice(800'000);
    const auto device = MakeGpuEvaluator(*task, options, watch);
    EXPECT_EQ(device->Run(cloud).results, expected.results);
  }
}

TEST_P(GpuEvaluator, SaysWhatWouldFitBeforeARunBegins) {
  if (GetParam() != "host") GTEST_SKIP() << "the card has more";
  const auto task = MakeTask(45);
  EvaluatorOptions options{.threads = 1};
  options.device = gpu::MakeHostDevice(400'000);
  Watch watch;
  EXPECT_ERROR(MakeGpuEvaluator(*task, options, watch), "of the graphics card for one member");
}

}  // namespace
}  // namespace dne
