// SPDX-License-Identifier: MIT
// What a configuration tells an algorithm of its task.
#pragma once

namespace dne {

struct TaskFacts {
  bool has_step_limit = false;    // of its own, for each episode
  bool has_trajectories = false;  // behaviours are byte strings as of every step; else points
};

}  // namespace dne
