// SPDX-License-Identifier: MIT
// Where plans are carried out. Which thread does what, and when, never shows in a result.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "dne/base/isa.h"
#include "dne/plan/plan.h"
#include "dne/tasks/task.h"

namespace dne {

// Seconds since some fixed moment; only for reports, never for a result.
using Clock = std::function<double()>;

// Thrown by Evaluator::Run once its watch says cancel: the plan was dropped.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("cancelled") {}
};

// Seen and set by other threads while a plan runs.
struct Watch {
  std::atomic<uint64_t> steps_run{0};
  std::atomic<uint64_t> jobs_done{0};
  std::atomic<uint64_t> jobs_total{0};
  std::atomic<bool> cancel{false};
};

struct Evaluation {
  std::vector<Result> results;  // results[i] belongs to plan.items[i]
  // The work it took: equal episodes are run once, and not again while their genome is in plans.
  uint64_t episodes_run = 0;
  uint64_t steps_run = 0;
  double episode_seconds = 0;  // spent in episodes, summed over threads
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // Evaluates every item; blocks. Not reentrant. An exception in a worker is rethrown here, on the
  // caller's thread, after all workers have stopped, with the item that caused it in its text.
  virtual Evaluation Run(const Plan& plan) = 0;
};

struct EvaluatorOptions {
  int threads = 1;
  Isa isa = BestIsa();
  Clock clock;
};

// Runs plans on threads of this process. `task` and `watch` must outlive it.
std::unique_ptr<Evaluator> MakeThreadEvaluator(const Task& task, const EvaluatorOptions& options,
                                               Watch& watch);

}  // namespace dne
