// SPDX-License-Identifier: MIT
#include "dne/policy/play.h"

#include <cmath>

#include "tests/policy/policy_fixture.h"

namespace dne {
namespace {

constexpr uint32_t kSteps = 100;  // enough for rewards

class Play : public testing::Test {
 protected:
  EvaluatorOptions Options(int threads, Isa isa = BestIsa()) const {
    return {.threads = threads, .isa = isa};
  }
  PolicyEvaluation Evaluate(const EvaluatorOptions& options, uint64_t seed = 1) {
    Watch watch;
    return EvaluatePolicy(policy_, 40, seed, kSteps, options, watch);
  }
  Episode PlayOne(const EpisodeStart& start, uint32_t max_steps = kSteps) {
    return EpisodeOf(policy_, policy_.view(), start, max_steps, BestIsa());
  }

  // A founder that earns something and dies early.
  Policy policy_ =
      PolicyFromGenome(TinyConfig(), {.run_seed = 5, .founder = {.item = 4}}, BestIsa());
};

// A game and sticky actions that make scores differ.
TEST_F(Play, EvaluationIsTheSameOnAnyNumberOfThreadsAndCodePath) {
  ExperimentConfig config = TinyConfig();
  config.task = ParseConfig(
                    "[task]\nenvironment = \"demon_attack\"\nsticky_probability = 0.5\n[budget]\n"
                    "generations = 1\n",
                    "x.toml")
                    .task;
  const Policy sticky = PolicyFromGenome(config, *policy_.genome, BestIsa());
  const auto evaluate = [&](const EvaluatorOptions& options) {
    Watch watch;
    return EvaluatePolicy(sticky, 10, /*seed=*/1, kSteps, options, watch);
  };
  const PolicyEvaluation one = evaluate(Options(1));
  EXPECT_EQ(one.episodes_run, 10u);
  EXPECT_LT(one.statistics.min, one.statistics.max);
  for (const EvaluatorOptions& options : {Options(2), Options(5), Options(2, Isa::kScalar)}) {
    const PolicyEvaluation other = evaluate(options);
    EXPECT_EQ(other.scores, one.scores);
    EXPECT_EQ(other.steps, one.steps);
    EXPECT_EQ(other.frames, one.frames);
    EXPECT_EQ(other.statistics.median_low, one.statistics.median_low);
    EXPECT_EQ(other.statistics.median_high, one.statistics.median_high);
  }
}

TEST_F(Play, EvaluationRunsEqualStartsOnceAndCountsThemAsDrawn) {
  const PolicyEvaluation evaluation = Evaluate(Options(2));
  EXPECT_EQ(evaluation.scores.size(), 40u);
  EXPECT_EQ(evaluation.episodes_run, 6u);  // as many as there are numbers of no-ops
  EXPECT_EQ(evaluation.steps, 40u * kSteps);
  EXPECT_EQ(evaluation.frames, 40u * kSteps * 4);
}

TEST_F(Play, EvaluationDrawsItsStartsFromTheSeed) {
  const EpisodeStart first = DrawEvaluationStart(policy_, 1);
  EXPECT_EQ(Evaluate(Options(1)).scores.front(), PlayOne(first).score);
  bool differ = false;
  for (uint64_t seed = 2; seed < 10; ++seed) differ |= DrawEvaluationStart(policy_, seed) != first;
  EXPECT_TRUE(differ);
}

TEST_F(Play, ReplayIsTheEpisodeThatWorkersPlay) {
  Watch watch;
  for (const EpisodeStart& start : {EpisodeStart{1}, EpisodeStart{6}}) {
    const Replay replay = ReplayEpisode(policy_, start, kSteps, Isa::kScalar, {}, watch);
    EXPECT_EQ(replay.episode, PlayOne(start));
    EXPECT_EQ(replay.steps.size(), replay.episode.steps);
    double score = 0;
    for (const ReplayedStep& step : replay.steps) score += step.reward;
    EXPECT_EQ(score, replay.episode.score);
  }
}

TEST_F(Play, ReplayToTheGamesEndIsTheEpisodeThatWorkersPlay) {
  Watch watch;
  constexpr uint32_t kLong = 2000;
  const EpisodeStart start{.noops = 2};
  const Replay replay = ReplayEpisode(policy_, start, kLong, BestIsa(), {}, watch);
  EXPECT_EQ(replay.episode.end, EpisodeEnd::kTerminal);
  EXPECT_EQ(replay.episode, PlayOne(start, kLong));
}

TEST_F(Play, ReplayShowsEveryFrameAndChangesNothing) {
  Watch watch;
  size_t frames = 0;
  std::vector<uint8_t> last;
  const FrameSink sink = [&](const Frame& frame) {
    ++frames;
    EXPECT_EQ(frame.width, 160);
    EXPECT_EQ(frame.height, 210);
    ASSERT_EQ(frame.rgb.size(), 160u * 210 * 3);
    last.assign(frame.rgb.begin(), frame.rgb.end());
  };
  const Replay watched = ReplayEpisode(policy_, {2}, kSteps, BestIsa(), sink, watch);
  EXPECT_EQ(watched.episode, ReplayEpisode(policy_, {2}, kSteps, BestIsa(), {}, watch).episode);
  EXPECT_EQ(frames, watched.episode.frames);
  // The water of Frostbite, in ALE's palette.
  const size_t pixel = size_t{3} * (160 * 150 + 12);
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(std::vector<int>(last.begin() + pixel, last.begin() + pixel + 3),
            (std::vector<int>{0, 28, 136}));
}

TEST_F(Play, CancellingEndsIt) {
  Watch watch;
  watch.cancel = true;
  EXPECT_THROW(ReplayEpisode(policy_, {1}, kSteps, BestIsa(), {}, watch), Cancelled);
  EXPECT_THROW(EvaluatePolicy(policy_, 4, 1, kSteps, Options(2), watch), Cancelled);
}

TEST(Scores, AreDescribedByTheirStatistics) {
  const std::vector<double> scores = {4, 1, 3, 10};
  const ScoreStatistics s = DescribeScores(scores, {.seed = 1});
  EXPECT_EQ(s.mean, 4.5);
  EXPECT_EQ(s.median, 3.5);
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.max, 10);
  EXPECT_DOUBLE_EQ(s.std, std::sqrt((0.25 + 12.25 + 2.25 + 30.25) / 4));
  EXPECT_EQ(DescribeScores(std::vector<double>{3, 1, 2}, {}).median, 2);
}

TEST(Scores, OfOneEpisodeHaveNoSpread) {
  const ScoreStatistics s = DescribeScores(std::vector<double>{7}, {});
  EXPECT_EQ(s.median, 7);
  EXPECT_EQ(s.median_low, 7);
  EXPECT_EQ(s.median_high, 7);
  EXPECT_EQ(s.std, 0);
}

// Of 101 distinct scores the resampled median's rank has standard deviation about 5: the interval
// is near ranks 50 -+ 10.
TEST(Scores, MedianIntervalHasTheWidthThatTheoryGives) {
  std::vector<double> scores(101);
  for (size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<double>(i);
  const ScoreStatistics s = DescribeScores(scores, {.seed = 3});
  EXPECT_NEAR(s.median_low, 40, 2);
  EXPECT_NEAR(s.median_high, 60, 2);
  EXPECT_EQ(s.median_low, DescribeScores(scores, {.seed = 3}).median_low);
}

// Of 17 scores of which 5 are another, the resampled median is that one with probability 3.6 %
// (binomial): more than the 2.5 % on one side, less than 5 %.
TEST(Scores, MedianIntervalLeavesAFortiethOnEachSide) {
  std::vector<double> scores(17, 1);
  for (size_t i = 0; i < 5; ++i) scores[i] = 0;
  const ScoreStatistics few_low = DescribeScores(scores, {.seed = 1});
  EXPECT_EQ(few_low.median_low, 0);
  EXPECT_EQ(few_low.median_high, 1);
  for (double& score : scores) score = 1 - score;
  const ScoreStatistics few_high = DescribeScores(scores, {.seed = 1});
  EXPECT_EQ(few_high.median_low, 0);
  EXPECT_EQ(few_high.median_high, 1);
}

TEST(Scores, MedianIntervalIsTheSameFromBothSides) {
  std::vector<double> scores(1000);  // whose medians are seldom equal
  for (uint64_t seed = 0; seed < 5; ++seed) {
    Stream stream({.seed = seed});
    for (double& score : scores) score = double{stream.NextFloat()};
    const ScoreStatistics s = DescribeScores(scores, {.seed = 7});
    for (double& score : scores) score = -score;
    const ScoreStatistics turned = DescribeScores(scores, {.seed = 7});
    EXPECT_EQ(turned.median_low, -s.median_high);
    EXPECT_EQ(turned.median_high, -s.median_low);
  }
}

}  // namespace
}  // namespace dne
