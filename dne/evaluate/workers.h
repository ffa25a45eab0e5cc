// SPDX-License-Identifier: MIT
// All that one process plays plans with: decoded parents, and a worker for each thread. Private to
// evaluators.
#pragma once

#include <deque>

#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/evaluator.h"
#include "dne/evaluate/parents.h"
#include "dne/evaluate/worker.h"
#include "dne/plan/plan.h"
#include "dne/tasks/task.h"

namespace dne {

class Workers {
 public:
  // `options.threads` workers. Task and watch must outlive them.
  Workers(const Task& task, const EvaluatorOptions& options, Watch& watch);

  // Decodes what the plan's items are played from (dne/evaluate/parents.h).
  void Hold(const Plan& plan, const EpisodeMemory& memory) { parents_.Hold(plan, memory); }

  size_t size() const { return workers_.size(); }
  Worker& operator[](size_t i) { return workers_[i]; }

 private:
  EvaluatorOptions options_;
  Parents parents_;
  std::deque<Worker> workers_;
};

}  // namespace dne
