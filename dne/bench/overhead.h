// SPDX-License-Identifier: MIT
// What a GA generation costs besides its episodes, at the paper's scale (1712.06567 v3, Table 1:
// 1,000 children of 20 parents): decoding, choosing, and committing to disk.
#pragma once

#include <filesystem>

#include "dne/bench/timing.h"
#include "dne/tasks/task.h"

namespace dne {

// Milliseconds to express a child of a held parent, on each of the threads.
Spread MeasureDecoding(const Task& task, Isa isa, int threads, const Timing& timing);

// Milliseconds a generation.
struct LoopCost {
  Spread select;  // plan, hand out, collect and choose
  Spread write;   // its share of the commits, which hold several: one number
};

// Runs the generation loop itself, store included, on episodes that take no time; one warm-up
// generation, then `timing.repeats`. Makes a run in `dir`, which must not exist.
LoopCost MeasureLoop(const std::filesystem::path& dir, const Timing& timing);

// The share that this adds to the time of the children's first episodes: decoding is spread over
// the threads, all else waits for one. Elite and test episodes are left out, so it is an upper
// bound.
double OverheadShare(const Spread& decode, const LoopCost& loop, int threads,
                     double seconds_of_episode);

}  // namespace dne
