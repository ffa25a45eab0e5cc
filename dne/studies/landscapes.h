// SPDX-License-Identifier: MIT
// The landscape study of "ES is more than a traditional finite-difference approximator"
// (1712.06568, section 3): what evolution strategies with wide and narrow clouds, and finite
// differences, make of five landscapes (docs/landscapes.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/evaluate/evaluator.h"
#include "dne/report/report.h"
#include "dne/tasks/landscape_task.h"

namespace dne {

// Fitness at the mean of the cloud, and the mean fitness of the cloud.
struct LandscapeHeights {
  double at_mean = 0;
  double expected = 0;
};

// One run of the paper: how it is made here, and where it came to rest there.
struct LandscapeRow {
  Landscape landscape = Landscape::kDonut;
  std::optional<float> sigma;  // none: finite differences
  int iterations = 0;          // at most: a run ends where it reaches the right border, x = 1
  std::string_view published;
  double low = 0;  // where a run counts as resting in the same place
  double high = 0;
  std::optional<LandscapeHeights> published_heights;  // at the end

  int population() const;      // members of the cloud
  std::string Method() const;  // "ES 0.16", "finite differences"
};

// All of them, landscape by landscape.
std::span<const LandscapeRow> LandscapeRows();

// Before the iteration's update.
struct LandscapeStep {
  double x = 0;
  double y = 0;
  LandscapeHeights heights;                 // of finite differences: both the height
  std::vector<std::array<float, 2>> cloud;  // its first members, for drawing
};

struct LandscapeRun {
  LandscapeRow row;
  std::vector<LandscapeStep> steps;

  bool reached_border() const { return steps.back().x >= 1; }
  // The mean x of the last iterations, since updates of a fixed length never stand quite still; of
  // a run that reached the border its last x.
  double rest() const;
  bool as_published() const { return rest() >= row.low && rest() <= row.high; }
};

// Runs of different rows are spread over threads. Throws Cancelled once the watch says cancel;
// watch.steps_run counts looks at a height.
std::vector<LandscapeRun> RunLandscapes(std::span<const LandscapeRow> rows, uint64_t seed,
                                        const EvaluatorOptions& options, Watch& watch);

// The table "published, ours", one row a run: a head and its cells.
std::vector<std::string> LandscapeTableHead();
std::vector<std::vector<std::string>> LandscapeTable(std::span<const LandscapeRun> runs);

// `origin`: what made the runs (command, build, seed), for the page's head.
Report LandscapeReport(std::span<const LandscapeRun> runs, std::string_view origin);

}  // namespace dne
