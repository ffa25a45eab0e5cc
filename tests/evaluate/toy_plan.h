// SPDX-License-Identifier: MIT
// A plan for the toy task (tests/tasks/toy_task.h): children of one founder.
#pragma once

#include "dne/plan/plan.h"

namespace dne {

inline Plan MakePlan(uint32_t items, uint32_t episodes) {
  Plan plan{.generation = 3, .round = "train", .parents = {}, .items = {}};
  plan.parents.push_back({.run_seed = 9, .founder = {0, 0}, .mutations = {}});
  for (uint32_t i = 0; i < items; ++i) {
    plan.items.push_back({.genome = Child(plan.parents[0], {{3, i}, 0.1f}),
                          .episodes = {9, 3, i, Purpose::kTrainEpisode},
                          .num_episodes = episodes,
                          .how = {.max_steps = 100}});
  }
  return plan;
}

}  // namespace dne
