// SPDX-License-Identifier: MIT
// What fitness means: a task turns parameters into episodes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dne/base/isa.h"
#include "dne/genome/genome.h"
#include "dne/plan/plan.h"
#include "dne/random/stream.h"

namespace dne {

// Private to one thread.
class TaskWorker {
 public:
  virtual ~TaskWorker() = default;

  // Plays one episode a start, of one policy, and blocks. episodes[i] belongs to starts[i];
  // which starts are played together changes no bit. `steps_run` counts steps as they are made.
  // Once `cancel` is true the rest is dropped and the result is worthless.
  virtual std::vector<Episode> Run(std::span<const float> parameters,
                                   std::span<const EpisodeStart> starts, uint32_t max_episode_steps,
                                   std::atomic<uint64_t>& steps_run,
                                   const std::atomic<bool>& cancel) = 0;
};

// Immutable, shared by all threads.
class Task {
 public:
  virtual ~Task() = default;

  virtual size_t num_parameters() const = 0;
  // Pure; valid as long as the task lives.
  virtual Initialiser initialiser(Isa isa) const = 0;
  // The next episode start of an item's stream. Takes the same number of draws each time.
  virtual EpisodeStart DrawStart(Stream& stream) const = 0;
  // How many episodes of one policy a worker plays side by side at best.
  virtual int lanes() const = 0;
  virtual std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const = 0;
};

}  // namespace dne
