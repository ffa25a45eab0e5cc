// SPDX-License-Identifier: MIT
// Runs side by side as a page: how fitness went, and where episodes ended, seen from above.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "dne/envs/floor_plan.h"
#include "dne/report/report.h"
#include "dne/store/store.h"

namespace dne {

struct NamedRun {
  std::string name;
  const RunStore* run = nullptr;
  std::vector<FloorPoint> path;  // the champion's on the floor; empty: not shown
};

// At least one run. The view from above (dne/experiment/floor_view.h) is drawn where the behaviours
// of all runs are places on a floor.
Report RunReport(std::span<const NamedRun> runs);

}  // namespace dne
