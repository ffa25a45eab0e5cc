// SPDX-License-Identifier: MIT
#include "dne/algorithms/limits.h"

#include <fmt/format.h>

namespace dne {

void CheckRewardIsReached(std::string_view name, const int& steps, const TaskFacts& task,
                          Mistakes& mistakes) {
  if (steps >= task.reward_step) return;
  mistakes.Contradiction(
      fmt::format(
          "{0} is {1}{2}, but the task's one reward comes with step {3} of an episode: give "
          "{0} = {3} or more",
          name, steps, mistakes.DefaultNote(steps), task.reward_step),
      steps);
}

}  // namespace dne
