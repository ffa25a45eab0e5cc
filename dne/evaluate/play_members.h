// SPDX-License-Identifier: MIT
// Playing the jobs of a plan by a task's worker, one or many at a time. Private to evaluators.
#pragma once

#include <functional>
#include <span>

#include "dne/evaluate/evaluator.h"
#include "dne/plan/job.h"
#include "dne/tasks/task.h"

namespace dne {

// Throws the exception that is in flight again, with what it happened to.
[[noreturn]] void RethrowWithItem(const Plan& plan, const Job& job);

// Throws Error where a score is not a number.
void CheckScores(const Result& played);

// What is asked of the jobs; their parents, and what makes their members, are still to be given.
MemberJobs MemberJobsOf(const Task& task, const Plan& plan, std::span<const Job> jobs);

// Plays them side by side and hands each one's result to `finish`; blocks. Once the watch says
// cancel, the rest is dropped. What is thrown names the item it happened to.
void PlayMembers(const Plan& plan, std::span<const Job> jobs, MemberJobs& members,
                 TaskWorker& worker, const Clock& clock, Watch& watch,
                 const std::function<void(JobResult)>& finish);

}  // namespace dne
