// SPDX-License-Identifier: MIT
// The five two-dimensional fitness landscapes of "ES is more than a traditional finite-difference
// approximator" (1712.06568, figure 1), on [-1, 1] x [-1, 1]. The paper shows plots only: the
// formulas are measured from them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dne/tasks/task.h"

namespace dne {

enum class Landscape { kDonut, kGradientGap, kGradientCliff, kFleetingPeaks, kNarrowingPath };

// "donut", "gradient_gap", ...; in the order of the enum.
std::vector<std::string> LandscapeNames();
// Throws Error naming the nearest one.
Landscape LandscapeFromName(std::string_view name);

// The height at (x, y).
double LandscapeFitness(Landscape landscape, double x, double y);

// Where every run of the paper begins.
inline constexpr float kLandscapeStart[2] = {-0.72f, 0.0f};

// A policy is a point, an episode is one look at its height. Its behaviour is the point.
std::unique_ptr<Task> MakeLandscapeTask(Landscape landscape);

}  // namespace dne
