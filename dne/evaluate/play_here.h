// SPDX-License-Identifier: MIT
// A round on the threads of this process. Private to evaluators.
#pragma once

#include <cstddef>
#include <functional>

#include "dne/evaluate/evaluator.h"
#include "dne/evaluate/round.h"

namespace dne {

// Plays the jobs of a share and hands each one's result to `finish`; on a thread of the worker's.
using PlayShare =
    std::function<void(size_t worker, size_t share, const std::function<void(JobResult)>& finish)>;

// Plays all shares, each on the worker that comes free first, and blocks; `keeps`: the round has a
// journal, which gets results as they come. Throws Cancelled once the watch says cancel, and what a
// worker threw after all have stopped.
Evaluation PlayHere(Round& round, bool keeps, Watch& watch, size_t num_workers, size_t num_shares,
                    const PlayShare& play);

}  // namespace dne
