// SPDX-License-Identifier: MIT
// A kind of task as configurations choose it: its options, what contradicts them, what makes it.
// Kinds of worlds become tasks by EpisodeTaskKind; dne/experiment/builtins.cc lists all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dne/config/kind.h"
#include "dne/config/mistakes.h"
#include "dne/envs/world_kind.h"
#include "dne/plan/task_facts.h"
#include "dne/tasks/episode_task.h"
#include "dne/tasks/labelled_images.h"
#include "dne/tasks/task.h"

namespace dne {

// A task with what it was made of, for those who look inside (replay, genome export). One that is
// no environment has no world, and may have no network.
struct Setup : EpisodeSetup {
  std::unique_ptr<Task> task;
  std::optional<uint64_t> data_digest;  // of files that it learns from; none: it reads none
  // Of supervised learning, for those who learn by gradients; null: it is something else.
  std::shared_ptr<const ImageData> images;
  size_t batch_size = 0;
};

// What a task is made for.
struct TaskContext {
  NetworkSpec network;
  uint64_t seed = 0;
  // Of virtual batch normalisation, where it is known; null: played from the seed.
  std::shared_ptr<const std::vector<uint8_t>> reference_batch;
  bool may_start_programs = false;
};

struct TaskKind {
  std::string_view name;            // "atari"
  std::string_view network_preset;  // where the configuration names no network; empty: it has none
  std::function<Options()> defaults;
  std::function<TaskFacts(const Options&)> facts;
  // `perturbs`: whether the algorithm tries members of a cloud around a centre.
  std::function<void(const Options&, bool perturbs, Mistakes&)> check;
  std::function<std::vector<std::string>()> environments;  // all that this build has, sorted
  // Which of them it is: "frostbite".
  std::function<std::string(const Options&)> environment;
  // Throws Error where the network does not fit.
  std::function<Setup(const Options&, const TaskContext&)> make;
  // As of WorldKind; null where it has none.
  std::function<FloorPlan(const Options&)> floor_plan;
};

// Policies play episodes in a world of this kind, which outlives the task's.
TaskKind EpisodeTaskKind(const WorldKind& world);

}  // namespace dne
