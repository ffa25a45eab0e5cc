// SPDX-License-Identifier: MIT
// Runs side by side as a page: how fitness went, and where bodies ended, seen from above.
#pragma once

#include <span>
#include <string>

#include "dne/report/report.h"
#include "dne/store/store.h"

namespace dne {

struct NamedRun {
  std::string name;
  const RunStore* run = nullptr;
};

// At least one run. The view from above is drawn where all runs are of MuJoCo bodies; the trap's
// walls with it, where the first run has them.
Report RunReport(std::span<const NamedRun> runs);

}  // namespace dne
