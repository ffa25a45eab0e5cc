// SPDX-License-Identifier: MIT
// How fast mazes are here: each world alone, under random actions, and whole episodes with a
// network.
#pragma once

#include <vector>

#include "dne/base/isa.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"

namespace dne {

struct MazeBenchOptions {
  std::vector<int> threads = {1};
  Timing timing;
  Isa isa = BestIsa();
};

// Blocks for a minute; gives each row as soon as it is known. Throws Error for numbers out of
// range.
void BenchMaze(const MazeBenchOptions& options, const RowSink& on_row);

}  // namespace dne
