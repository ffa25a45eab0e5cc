// SPDX-License-Identifier: MIT
#include "dne/tasks/task.h"

#include <utility>

namespace dne {

// One after the other.
void TaskWorker::RunMembers(MemberJobs& members, std::atomic<uint64_t>& steps_run,
                            const std::atomic<bool>& cancel) {
  LowRankChange change;
  for (size_t i = 0; i < members.jobs.size() && !cancel; ++i) {
    members.in_work = i;
    const MemberJobs::Job& job = members.jobs[i];
    members.draw(i, change);
    Result result =
        Run({.numbers = job.parent, .change = &change}, job.starts, job.how, steps_run, cancel);
    if (!cancel) members.finish(i, std::move(result));
  }
}

}  // namespace dne
