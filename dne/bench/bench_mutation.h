// SPDX-License-Identifier: MIT
// What safe mutations cost beside plain ones, and beside the episode that a child plays.
#pragma once

#include <vector>

#include "dne/base/isa.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"

namespace dne {

struct MutationBenchOptions {
  std::vector<int> threads = {1};
  Timing timing;
  Isa isa = BestIsa();
};

// Of networks of 1712.06563 in their mazes, each looking at 100 observations of its parent's own
// episode at most. Blocks for a minute; gives each row as soon as it is known. Throws Error for
// numbers out of range, and Cancelled.
void BenchMutation(const MutationBenchOptions& options, const RowSink& on_row);

}  // namespace dne
