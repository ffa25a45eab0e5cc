// SPDX-License-Identifier: MIT
// All that one process plays plans with: decoded parents, and a worker for each thread. Private to
// evaluators.
#pragma once

#include <deque>
#include <memory>

#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/evaluator.h"
#include "dne/evaluate/worker.h"
#include "dne/genome/parent_cache.h"
#include "dne/plan/plan.h"
#include "dne/tasks/task.h"

namespace dne {

class Workers {
 public:
  // `options.threads` workers. Task and watch must outlive them.
  Workers(const Task& task, const EvaluatorOptions& options, Watch& watch);

  // Decodes the plan's parents, which its items are played from, with what `memory` knows of them;
  // blocks. The memory must not change while the plan is played.
  void Hold(const Plan& plan, const EpisodeMemory& memory);

  size_t size() const { return workers_.size(); }
  Worker& operator[](size_t i) { return workers_[i]; }

 private:
  const Task& task_;
  EvaluatorOptions options_;
  std::unique_ptr<OutputModel> model_;  // made when first needed
  ParentCache parents_;
  std::deque<Worker> workers_;
};

}  // namespace dne
