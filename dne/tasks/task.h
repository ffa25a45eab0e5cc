// SPDX-License-Identifier: MIT
// What fitness means: a task turns parameters into episodes.
#pragma once

#include <algorithm>
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

  // Plays one episode a start, of one policy, and blocks. The result's episodes[i] belongs to
  // starts[i]; which starts are played together changes no bit. `how` is what the item that the
  // episodes are for asks: its step cap and what it wants noted. `steps_run` counts steps as they
  // are made. Once `cancel` is true the rest is dropped and the result is worthless.
  virtual Result Run(std::span<const float> parameters, std::span<const EpisodeStart> starts,
                     const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
                     const std::atomic<bool>& cancel) = 0;
};

// Immutable, shared by all threads.
class Task {
 public:
  virtual ~Task() = default;

  // Of a policy's numbers the first num_parameters evolve; two for each of num_normalised() follow.
  virtual size_t num_parameters() const = 0;
  // How many observations are normalised: their means, then 1 / their standard deviations, stand
  // behind the parameters. The initialiser writes 0 and 1; who learns them is the algorithm.
  virtual size_t num_normalised() const { return 0; }
  size_t policy_size() const { return num_parameters() + 2 * num_normalised(); }
  // Pure; valid as long as the task lives.
  virtual Initialiser initialiser(Isa isa) const = 0;
  // The next episode start of an item's stream. Takes the same number of draws each time.
  virtual EpisodeStart DrawStart(Stream& stream) const = 0;
  // The environment's own limit of an episode's steps; 0: none. It holds whatever is asked for.
  virtual uint32_t step_limit() const { return 0; }
  uint32_t CapSteps(uint32_t asked) const {
    return step_limit() > 0 ? std::min(asked, step_limit()) : asked;
  }
  // What an episode's descriptor says, as numbers: the position where a body has one, else a number
  // a byte.
  virtual std::vector<double> Point(std::span<const uint8_t> descriptor) const {
    return {descriptor.begin(), descriptor.end()};
  }
  // How many episodes of one policy a worker plays side by side at best.
  virtual int lanes() const = 0;
  virtual std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const = 0;
};

}  // namespace dne
