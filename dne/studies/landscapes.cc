// SPDX-License-Identifier: MIT
#include "dne/studies/landscapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dne/algorithms/es.h"
#include "dne/algorithms/sgd.h"
#include "dne/base/error.h"
#include "dne/base/parallel.h"
#include "dne/experiment/setup.h"

namespace dne {
namespace {

// One setting for all runs; docs/landscapes.md tells why it is this one.
constexpr double kLearningRate = 0.0125;
constexpr double kStep = 1e-7;       // of finite differences, the paper's
constexpr size_t kLastSteps = 20;    // that rest() looks at
constexpr size_t kDrawnCloud = 120;  // members

constexpr double kBorder = 1;
constexpr double kBeyond = 2;  // no step is longer than this from the border

constexpr LandscapeRow kRows[] = {
    {Landscape::kDonut, 0.16f, 200, "centre of the hole", -0.02, 0.02, {{0, 0.62}}},
    {Landscape::kDonut, 0.04f, 200, "-0.134", -0.144, -0.124, {}},
    {Landscape::kDonut, 0.002f, 200, "edge of the hole, -0.076", -0.086, -0.066, {}},
    {Landscape::kDonut, {}, 200, "edge of the hole", -0.086, -0.066, {}},
    // The measured formula has its rest at -0.22, which longer runs reach.
    {Landscape::kNarrowingPath, 0.12f, 450, "-0.27", -0.30, -0.21, {}},
    {Landscape::kNarrowingPath, 0.04f, 450, "0.15 and moving", 0.12, 0.18, {}},
    {Landscape::kNarrowingPath, 0.0005f, 450, "0.78 and moving", 0.73, 0.83, {}},
    {Landscape::kNarrowingPath, {}, 450, "right border", kBorder, kBeyond, {}},
    {Landscape::kFleetingPeaks, 0.16f, 700, "right border", kBorder, kBeyond, {}},
    {Landscape::kFleetingPeaks, 0.048f, 700, "0.58, past peak 4", 0.53, 0.63, {{2.37, 2.34}}},
    {Landscape::kFleetingPeaks, 0.002f, 700, "-0.40, on peak 1", -0.41, -0.39, {}},
    {Landscape::kFleetingPeaks, {}, 700, "-0.40, on peak 1", -0.41, -0.39, {}},
    {Landscape::kGradientGap, 0.18f, 430, "right border", kBorder, kBeyond, {{1.00, 0.84}}},
    {Landscape::kGradientGap, 0.16f, 430, "before the gap", -1, 0.10, {}},
    {Landscape::kGradientGap, {}, 430, "0.10", 0.09, 0.115, {}},
    {Landscape::kGradientCliff, 0.18f, 430, "-0.15", -0.16, -0.14, {}},
    {Landscape::kGradientCliff, {}, 430, "0.10 to 0.11", 0.095, 0.115, {}},
};

EsOptions OptionsOf(const LandscapeRow& row) {
  return {
      .strategy = {.cloud = {.population_size = row.population(), .sigma = *row.sigma},
                   .rounds = {.validation_episodes = 1}},
      .ascent = {.shaping = FitnessShaping::kZScore,
                 .optimizer = {kSgd, SgdOptions{.learning_rate = kLearningRate, .momentum = 0}},
                 .l2_coefficient = 0},
  };
}

LandscapeStep StepOf(const LandscapeRow& row, const Task& task, const Plan& plan,
                     std::span<const Result> results) {
  const std::vector<float>& mean = *plan.centres.front().parameters;
  LandscapeStep step{.x = double{mean[0]}, .y = double{mean[1]}, .heights = {}, .cloud = {}};
  step.heights.at_mean = LandscapeFitness(row.landscape, step.x, step.y);
  for (const Result& result : results) step.heights.expected += result.MeanScore();
  step.heights.expected /= static_cast<double>(results.size());
  for (const Result& result : results.first(std::min(kDrawnCloud, results.size()))) {
    const std::vector<double> point = task.Point(result.episodes.front().descriptor);
    step.cloud.push_back({static_cast<float>(point[0]), static_cast<float>(point[1])});
  }
  return step;
}

LandscapeRun RunEs(const LandscapeRow& row, uint64_t seed, const EvaluatorOptions& options,
                   Watch& watch) {
  const std::unique_ptr<Task> task = MakeLandscapeTask(row.landscape);
  const std::unique_ptr<Evaluator> evaluator = MakeThreadEvaluator(*task, options, watch);
  const std::unique_ptr<Algorithm> es = MakeEs(
      OptionsOf(row), {.run_seed = seed, .space = SpaceOf(*task, options.isa), .isa = options.isa});
  LandscapeRun run{.row = row, .steps = {}};
  while (run.steps.size() < static_cast<size_t>(row.iterations)) {
    const Plan plan = es->Ask();
    const Evaluation evaluation = evaluator->Run(plan);
    if (plan.round == "train") {
      run.steps.push_back(StepOf(row, *task, plan, evaluation.results));
      if (run.reached_border()) break;
    }
    es->Tell(plan, evaluation.results);
  }
  return run;
}

// What the update of an ES tends to as its cloud shrinks: z-scored fitness times noise is the
// gradient's direction then, whatever its length.
LandscapeRun RunFiniteDifferences(const LandscapeRow& row) {
  const auto height = [&](double x, double y) { return LandscapeFitness(row.landscape, x, y); };
  LandscapeRun run{.row = row, .steps = {}};
  double x = double{kLandscapeStart[0]};
  double y = double{kLandscapeStart[1]};
  while (run.steps.size() < static_cast<size_t>(row.iterations)) {
    run.steps.push_back({.x = x, .y = y, .heights = {height(x, y), height(x, y)}, .cloud = {}});
    if (run.reached_border()) break;
    const double slope_x = (height(x + kStep, y) - height(x - kStep, y)) / (2 * kStep);
    const double slope_y = (height(x, y + kStep) - height(x, y - kStep)) / (2 * kStep);
    const double length = std::sqrt(slope_x * slope_x + slope_y * slope_y);
    if (length == 0) continue;
    x += kLearningRate * slope_x / length;
    y += kLearningRate * slope_y / length;
  }
  return run;
}

std::string RestText(const LandscapeRun& run) {
  return run.reached_border() ? "right border" : fmt::format("{:.3f}", run.rest());
}

std::string AcceptedText(const LandscapeRow& row) {
  if (row.low == kBorder) return "right border";
  return row.low == -1 ? fmt::format("below {:.2f}", row.high)
                       : fmt::format("{:.3f} to {:.3f}", row.low, row.high);
}

}  // namespace

// As many as the paper draws.
int LandscapeRow::population() const {
  return landscape == Landscape::kFleetingPeaks ? 1500 : 1000;
}

std::string LandscapeRow::Method() const {
  return sigma ? fmt::format("ES {}", *sigma) : "finite differences";
}

std::span<const LandscapeRow> LandscapeRows() { return kRows; }

double LandscapeRun::rest() const {
  if (reached_border()) return steps.back().x;
  const std::span<const LandscapeStep> last =
      std::span(steps).last(std::min(kLastSteps, steps.size()));
  double sum = 0;
  for (const LandscapeStep& step : last) sum += step.x;
  return sum / static_cast<double>(last.size());
}

std::vector<LandscapeRun> RunLandscapes(std::span<const LandscapeRow> rows, uint64_t seed,
                                        const EvaluatorOptions& options, Watch& watch) {
  std::vector<LandscapeRun> runs(rows.size());
  EvaluatorOptions alone = options;
  alone.threads = 1;
  ThreadsFor(options.threads)(rows.size(), [&](size_t i) {
    runs[i] = rows[i].sigma ? RunEs(rows[i], seed, alone, watch) : RunFiniteDifferences(rows[i]);
  });
  return runs;
}

std::vector<std::string> LandscapeTableHead() {
  return {"landscape", "method",       "iterations",     "published",   "ours",
          "accepted",  "as published", "fitness at end", "of the cloud"};
}

std::vector<std::vector<std::string>> LandscapeTable(std::span<const LandscapeRun> runs) {
  std::vector<std::vector<std::string>> table;
  for (const LandscapeRun& run : runs) {
    const LandscapeHeights& ours = run.steps.back().heights;
    const auto heights = [&](double value, double LandscapeHeights::*which) {
      if (!run.row.published_heights) return fmt::format("{:.2f}", value);
      return fmt::format("{:.2f} (published {:.2f})", value, (*run.row.published_heights).*which);
    };
    table.push_back({LandscapeNames()[static_cast<size_t>(run.row.landscape)], run.row.Method(),
                     std::to_string(run.steps.size()), std::string(run.row.published),
                     RestText(run), AcceptedText(run.row), run.as_published() ? "yes" : "NO",
                     heights(ours.at_mean, &LandscapeHeights::at_mean),
                     heights(ours.expected, &LandscapeHeights::expected)});
  }
  return table;
}

}  // namespace dne
