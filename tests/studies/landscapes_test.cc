// SPDX-License-Identifier: MIT
#include "dne/studies/landscapes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dne/base/error.h"

namespace dne {
namespace {

const EvaluatorOptions kTwoThreads{.threads = 2, .clock = [] { return 0.0; }};

std::vector<LandscapeRun> RunRows(std::span<const LandscapeRow> rows, uint64_t seed = 1,
                                  const EvaluatorOptions& options = kTwoThreads) {
  Watch watch;
  return RunLandscapes(rows, seed, options, watch);
}

LandscapeRow Find(Landscape landscape, std::optional<float> sigma) {
  const auto found = std::ranges::find_if(LandscapeRows(), [&](const LandscapeRow& row) {
    return row.landscape == landscape && row.sigma == sigma;
  });
  DNE_CHECK(found != LandscapeRows().end());
  return *found;
}

std::string NameOf(const LandscapeRun& run) {
  return LandscapeNames()[static_cast<size_t>(run.row.landscape)] + ", " + run.row.Method();
}

class Landscapes : public testing::TestWithParam<uint64_t> {};

TEST_P(Landscapes, EveryRunRestsWhereThePaperShowsIt) {
  for (const LandscapeRun& run : RunRows(LandscapeRows(), GetParam())) {
    EXPECT_TRUE(run.as_published())
        << NameOf(run) << ": " << run.rest() << ", published " << run.row.published;
    if (!run.row.published_heights) continue;
    const LandscapeHeights& heights = run.steps.back().heights;
    EXPECT_NEAR(heights.at_mean, run.row.published_heights->at_mean, 0.05) << NameOf(run);
    EXPECT_NEAR(heights.expected, run.row.published_heights->expected, 0.05) << NameOf(run);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Landscapes, testing::Values(1, 2, 3));

TEST(LandscapeRows, AreThePapersFiveLandscapesEachWithFiniteDifferences) {
  for (size_t i = 0; i < LandscapeNames().size(); ++i) {
    EXPECT_EQ(std::ranges::count_if(LandscapeRows(),
                                    [&](const LandscapeRow& row) {
                                      return row.landscape == static_cast<Landscape>(i) &&
                                             !row.sigma;
                                    }),
              1)
        << LandscapeNames()[i];
  }
  EXPECT_EQ(LandscapeRows().size(), 17u);
}

// 1712.06568, figure 3: 0.35 before the gap.
TEST(LandscapeRuns, TheCloudWadesThroughAPlateauBeforeTheGap) {
  const LandscapeRow row = Find(Landscape::kGradientGap, 0.18f);
  const std::vector<LandscapeRun> runs = RunRows({&row, 1});
  int steps = 0;
  for (const LandscapeStep& step : runs.front().steps) {
    if (std::abs(step.x) > 0.05) continue;
    ++steps;
    EXPECT_NEAR(step.heights.expected, 0.355, 0.03) << step.x;
  }
  EXPECT_GT(steps, 20) << "it hardly slows down";
}

TEST(LandscapeRuns, NarrowCloudsGoFurtherAlongTheNarrowingPath) {
  const LandscapeRow rows[] = {Find(Landscape::kNarrowingPath, 0.12f),
                               Find(Landscape::kNarrowingPath, 0.04f),
                               Find(Landscape::kNarrowingPath, 0.0005f)};
  const std::vector<LandscapeRun> runs = RunRows(rows);
  EXPECT_LT(runs[0].rest(), runs[1].rest());
  EXPECT_LT(runs[1].rest(), runs[2].rest());
  for (const size_t i : {1, 2}) {
    const std::vector<LandscapeStep>& steps = runs[i].steps;
    EXPECT_GT(steps.back().x, steps[steps.size() - 50].x + 0.01) << "it does not advance";
  }
}

// Left to itself the widest cloud goes on to where the measured formula has its rest.
TEST(LandscapeRuns, TheWidestCloudStopsOnTheNarrowingPath) {
  LandscapeRow row = Find(Landscape::kNarrowingPath, 0.12f);
  row.iterations = 1500;
  EXPECT_NEAR(RunRows({&row, 1}).front().rest(), -0.22, 0.015);
}

TEST(LandscapeRuns, AreTheSameOnAnyNumberOfThreadsAndCodePath) {
  std::vector<LandscapeRow> rows(LandscapeRows().begin(), LandscapeRows().begin() + 4);
  for (LandscapeRow& row : rows) row.iterations = 30;
  const std::vector<LandscapeRun> two = RunRows(rows);
  const std::vector<LandscapeRun> one =
      RunRows(rows, 1, {.threads = 1, .isa = Isa::kScalar, .clock = kTwoThreads.clock});
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(one[i].steps.size(), 30u);
    for (size_t step = 0; step < 30; ++step) {
      EXPECT_EQ(one[i].steps[step].x, two[i].steps[step].x);
      EXPECT_EQ(one[i].steps[step].y, two[i].steps[step].y);
      EXPECT_EQ(one[i].steps[step].cloud, two[i].steps[step].cloud);
    }
  }
}

TEST(LandscapeRuns, StopOnceTheyAreCancelled) {
  Watch watch;
  watch.cancel = true;
  EXPECT_THROW(RunLandscapes(LandscapeRows(), 1, kTwoThreads, watch), Cancelled);
}

TEST(LandscapeReport, ShowsEveryRunAndIsNotTooBig) {
  const std::vector<LandscapeRun> runs = RunRows(LandscapeRows());
  const std::string html = LandscapeReport(runs, "made by a test").Html();
  EXPECT_NE(html.find("made by a test"), std::string::npos);
  for (const LandscapeRun& run : runs) {
    EXPECT_NE(html.find("<figcaption>" + NameOf(run) + "<"), std::string::npos) << NameOf(run);
  }
  EXPECT_LT(html.size(), 10'000'000u);
}

TEST(LandscapeTable, SaysWhereARunIsNotAsPublished) {
  const LandscapeRow row = Find(Landscape::kGradientGap, {});
  std::vector<LandscapeRun> runs = RunRows({&row, 1});
  runs.push_back(runs.front());
  runs[1].row.low = runs[1].row.high = 0.5;
  const auto table = LandscapeTable(runs);
  EXPECT_EQ(table[0][6], "yes");
  EXPECT_EQ(table[1][6], "NO");
  EXPECT_EQ(table[0].size(), LandscapeTableHead().size());
}

}  // namespace
}  // namespace dne
