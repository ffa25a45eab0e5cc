// SPDX-License-Identifier: MIT
// The decoded parents and centres of the plan in work. Private to evaluators: a process has one.
#pragma once

#include <memory>

#include "dne/evaluate/episode_memory.h"
#include "dne/genome/parent_cache.h"
#include "dne/plan/plan.h"
#include "dne/tasks/task.h"

namespace dne {

class Parents {
 public:
  // The task must outlive it.
  Parents(const Task& task, Isa isa);

  // Decodes the plan's, with what `memory` knows of what they saw; blocks. The memory must not
  // change while the plan is played.
  void Hold(const Plan& plan, const EpisodeMemory& memory);

  const ParentCache& cache() const { return cache_; }

 private:
  const Task& task_;
  Isa isa_;
  std::unique_ptr<OutputModel> model_;  // made when first needed
  ParentCache cache_;
};

}  // namespace dne
