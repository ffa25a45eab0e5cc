// SPDX-License-Identifier: MIT
// A run seen from above, where behaviours are places on a floor: what stands there, where its
// episodes ended, and the way of its champion.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dne/envs/floor_plan.h"
#include "dne/experiment/config.h"
#include "dne/store/store.h"

namespace dne {

struct FinalPlace {
  FloorPoint at;
  uint32_t generation = 0;  // the first in which an episode ended there
};

struct FloorView {
  FloorPlan plan;
  std::vector<FinalPlace> places;
  std::vector<FloorPoint> path;  // a place a step; empty: none is shown
};

// Every episode in training and validation counts. Of places that lie together in a cell of a grid,
// of which there are 250 along the view's longer side, the first one stands for all.
FloorView ViewOfRun(const RunStore& run, const ExperimentConfig& config,
                    std::vector<FloorPoint> path);

// As a picture that stands for itself: walls black, places from blue (the first generation) to
// yellow (the last), the path red, the start a grey disc and the goal a green one.
std::string FloorSvg(const FloorView& view, const std::string& title);

}  // namespace dne
