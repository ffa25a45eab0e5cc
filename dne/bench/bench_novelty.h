// SPDX-License-Identifier: MIT
// What the search for nearest neighbours costs that novelty is made of, by the tree and by
// comparing all with all, and how large an archive is.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "dne/bench/report.h"
#include "dne/bench/timing.h"

namespace dne {

struct NoveltyBenchOptions {
  size_t archive_size = 100'000;
  size_t population_size = 20'001;  // that of the image hard maze (1712.06567, table 2)
  size_t nearest = 25;              // k
  std::vector<int> threads = {1};
  Timing timing;  // its clock is read on the threads that are measured
  // As EsBenchOptions have it.
  std::function<double(int threads)> process_clock;
};

// Of final positions, uniform on a square. Blocks for a minute; gives each row as soon as it is
// known. Throws Error for numbers out of range, and Cancelled; BugError where the tree finds others
// than the search of all.
void BenchNovelty(const NoveltyBenchOptions& options, const RowSink& on_row);

}  // namespace dne
