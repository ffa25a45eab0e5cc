// SPDX-License-Identifier: MIT
#include "dne/studies/robustness.h"

#include <gtest/gtest.h>

#include "dne/base/error.h"
#include "dne/random/normal.h"
#include "dne/tasks/landscape_task.h"

namespace dne {
namespace {

const std::vector<float> kPoint = {-0.3f, 0.1f};
constexpr RobustnessOptions kOptions{
    .perturbations = 50, .sigma = 0.1f, .episodes = 2, .baseline_episodes = 3, .seed = 9};

// A policy of two weights, and the mean and deviation of one observation, which must stay as they
// are. It scores its first weight, plus what the start is worth.
class TwoWeights final : public Task {
 public:
  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa) const override { return {}; }
  EpisodeStart DrawStart(Stream& stream) const override { return {.noops = stream.Below(4)}; }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa) const override { return std::make_unique<Worker>(); }

 private:
  class Worker final : public TaskWorker {
    Result Run(const PolicyView& view, std::span<const EpisodeStart> starts, const EpisodeOptions&,
               std::atomic<uint64_t>&, const std::atomic<bool>&) override {
      const std::span<const float> policy = view.numbers;
      DNE_CHECK(policy[2] == 5 && policy[3] == 7);
      Result result;
      for (const EpisodeStart& start : starts) {
        result.episodes.push_back({.start = start, .score = double{policy[0]} + start.noops});
      }
      return result;
    }
  };

  PolicyLayout layout_ = {.num_parameters = 2, .num_normalised = 1};
};

Robustness Measure(const Task& task, const std::vector<float>& policy,
                   const RobustnessOptions& options = kOptions,
                   const EvaluatorOptions& compute = {.threads = 2}) {
  Watch watch;
  const Birth centre = CentreBirth(1, 0);
  Plan unperturbed{.round = "evaluate"};
  unperturbed.centres = {{centre, std::make_shared<const std::vector<float>>(policy)}};
  unperturbed.items = {{.genome = {.run_seed = 3, .founder = centre}, .episodes = {}}};
  const auto evaluator = MakeThreadEvaluator(task, compute, watch);
  return MeasureRobustness(*evaluator, unperturbed, policy, /*max_episode_steps=*/1, options);
}

TEST(Robustness, DividesScoresOfPerturbedWeightsByTheUnperturbedScore) {
  const Landscape slope = Landscape::kGradientCliff;
  const Robustness result = Measure(*MakeLandscapeTask(slope), kPoint);
  const double unperturbed = LandscapeFitness(slope, double{kPoint[0]}, double{kPoint[1]});
  EXPECT_EQ(result.unperturbed, unperturbed);
  ASSERT_EQ(result.ratios.size(), kOptions.perturbations);
  for (uint32_t i = 0; i < kOptions.perturbations; ++i) {
    std::vector<float> point(2);
    AddNormal({.seed = 9, .generation = 0, .item = i, .purpose = Purpose::kPerturbation},
              kOptions.sigma, kPoint, point, Isa::kScalar);
    const double fitness = LandscapeFitness(slope, double{point[0]}, double{point[1]});
    EXPECT_EQ(result.ratios[i], fitness / unperturbed);
  }
  EXPECT_EQ(result.box.median, DescribeBox(result.ratios).median);
}

TEST(Robustness, AveragesEpisodesAndLeavesNormalisationAlone) {
  const std::vector<float> policy = {100, 0, 5, 7};
  RobustnessOptions options = kOptions;
  options.baseline_episodes = options.episodes = 2000;
  const Robustness result = Measure(TwoWeights(), policy, options);
  EXPECT_NEAR(result.unperturbed, 101.5, 0.1);
  EXPECT_NEAR(result.box.median, 1, 0.001);
  EXPECT_LT(result.box.lower_quartile, result.box.upper_quartile);
}

TEST(Robustness, IsTheSameOnAnyNumberOfThreadsAndCodePath) {
  const std::vector<float> policy = {100, 0, 5, 7};
  const Robustness one = Measure(TwoWeights(), policy, kOptions, {.threads = 1});
  for (const EvaluatorOptions& compute :
       {EvaluatorOptions{.threads = 5}, EvaluatorOptions{.threads = 2, .isa = Isa::kScalar}}) {
    const Robustness other = Measure(TwoWeights(), policy, kOptions, compute);
    EXPECT_EQ(other.ratios, one.ratios);
    EXPECT_EQ(other.unperturbed, one.unperturbed);
  }
}

TEST(Robustness, IsNotMeasuredWhereTheScoreIsNotAboveZero) {
  const std::vector<float> hole = {0, 0};
  try {
    Measure(*MakeLandscapeTask(Landscape::kDonut), hole);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("its unperturbed score is 0 (mean of 3 episodes)"),
              std::string::npos)
        << error.what();
  }
}

TEST(RobustnessReport, ComparesEveryPairAndShowsEachPolicy) {
  const std::unique_ptr<Task> slope = MakeLandscapeTask(Landscape::kGradientCliff);
  const std::vector<float> edge = {0.09f, 0};
  const std::vector<NamedRobustness> policies = {{"far from it", Measure(*slope, kPoint)},
                                                 {"at the <edge>", Measure(*slope, edge)},
                                                 {"far again", Measure(*slope, kPoint)}};
  const auto pairs = RobustnessPairs(policies);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[0].size(), RobustnessPairsHead().size());
  EXPECT_LT(std::stod(pairs[0][3]), 0.01) << "the edge is less robust";
  EXPECT_EQ(pairs[1][3], "1") << "equal samples";
  EXPECT_EQ(RobustnessTable(policies)[0].size(), RobustnessTableHead().size());

  const std::string html = RobustnessReport(policies, kOptions, "made by a test").Html();
  for (const char* part : {"made by a test", "<td>at the &lt;edge&gt;</td>",
                           "\"name\":\"at the \\u003cedge>\"", "\"type\":\"box\""}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace dne
