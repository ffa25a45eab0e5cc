// SPDX-License-Identifier: MIT
// Decodes policies and plays a plan's jobs with them. Private to evaluators: a process has one for
// each thread that it plays on.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "dne/base/float_buffer.h"
#include "dne/evaluate/evaluator.h"
#include "dne/genome/parent_cache.h"
#include "dne/plan/job.h"
#include "dne/tasks/task.h"

namespace dne {

class Worker {
 public:
  // All that is given must outlive it.
  Worker(const Task& task, const ParentCache& parents, const EvaluatorOptions& options,
         Watch& watch);

  // Plays the jobs one after the other, or side by side where they are members that are played by
  // their factors or the task mixes policies, and hands each one's result to `finish`; blocks.
  // `jobs`: a share of the round's (dne/evaluate/round.h). `parents` holds the plan's parents and
  // centres. Once the watch says cancel, the rest is dropped. What is thrown names the item it
  // happened to.
  void Run(const Plan& plan, std::span<const Job> jobs,
           const std::function<void(JobResult)>& finish);

 private:
  void RunMembers(const Plan& plan, std::span<const Job> jobs, bool by_factors,
                  const std::function<void(JobResult)>& finish);
  void Decode(const Plan& plan, std::span<const Job> jobs);
  JobResult Play(const Plan& plan, const Job& job, std::span<const float> parameters);

  const Task& task_;
  const ParentCache& parents_;
  const Clock& clock_;
  Watch& watch_;
  std::unique_ptr<TaskWorker> task_worker_;
  Isa isa_;
  std::unique_ptr<OutputModel> model_;  // made when first needed
  FloatBuffer parameters_;
  FloatBuffer mirrored_;  // of the second half of an antithetic pair; made when there is one
};

}  // namespace dne
