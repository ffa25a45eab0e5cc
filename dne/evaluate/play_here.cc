// SPDX-License-Identifier: MIT
#include "dne/evaluate/play_here.h"

#include "dne/base/parallel.h"

namespace dne {

Evaluation PlayHere(Round& round, bool keeps, Watch& watch, size_t num_workers, size_t num_shares,
                    const PlayShare& play) {
  watch.jobs_done = 0;
  watch.jobs_total = round.jobs().size();
  const auto finish = [&](JobResult result) {
    round.Finish(std::move(result));
    ++watch.jobs_done;
  };
  Supervision supervision{.cancel = &watch.cancel};
  if (keeps) supervision.tick = [&] { round.Keep(); };
  try {
    RunJobs(
        num_workers, num_shares, [&](size_t worker, size_t share) { play(worker, share, finish); },
        supervision);
  } catch (...) {
    round.Keep();
    throw;
  }
  round.Keep();
  if (watch.cancel) throw Cancelled();
  return round.Collect();
}

}  // namespace dne
