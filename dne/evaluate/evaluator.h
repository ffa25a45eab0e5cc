// SPDX-License-Identifier: MIT
// Where plans are carried out. Which worker does what, and when, never shows in a result.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "dne/base/isa.h"
#include "dne/plan/job.h"
#include "dne/plan/plan.h"
#include "dne/plan/rank_report.h"
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

// Keeps results while their plan is still carried out, so that little is lost with the process.
// Called on the thread that called Run.
class Journal {
 public:
  virtual ~Journal() = default;
  // What an earlier process kept of this plan: it is not played again. Called once, first.
  virtual std::vector<JobResult> Kept(const Plan& plan) = 0;
  // New results, within a fraction of a second of their end; the last ones before Run returns or
  // throws.
  virtual void Keep(std::vector<JobResult> results) = 0;
};

struct Evaluation {
  std::vector<Result> results;  // results[i] belongs to plan.items[i]
  // The work it took, by this process or the one that kept it: equal episodes are run once, and not
  // again by the same process while their genome is in plans.
  uint64_t episodes_run = 0;
  uint64_t steps_run = 0;
  double episode_seconds = 0;  // spent in episodes, summed over workers
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // Evaluates every item; blocks. Not reentrant. An exception in a worker is rethrown here, on the
  // caller's thread, after all workers have stopped, with the item that caused it in its text.
  Evaluation Run(const Plan& plan) { return Evaluate(plan, nullptr); }
  Evaluation Run(const Plan& plan, Journal& journal) { return Evaluate(plan, &journal); }

  // How many episodes, or lanes of them, it plays at a time: threads, of all processes.
  virtual size_t num_workers() const = 0;
  // Of each process, where there are several.
  virtual std::vector<RankReport> Report() const { return {}; }

 private:
  virtual Evaluation Evaluate(const Plan& plan, Journal* journal) = 0;
};

class Cluster;
namespace gpu {
class Device;
}

struct EvaluatorOptions {
  int threads = 1;
  Isa isa = BestIsa();
  Clock clock = [] { return 0.0; };  // only reports see that time stands still
  Cluster* cluster =
      nullptr;  // all ranks of a job (dne/cluster/cluster.h); null: only this process
  // Where networks run (dne/gpu/queue.h); null: on the processor.
  std::shared_ptr<gpu::Device> device;
};

// Runs plans on threads of this process. `task` and `watch` must outlive it.
std::unique_ptr<Evaluator> MakeThreadEvaluator(const Task& task, const EvaluatorOptions& options,
                                               Watch& watch);

}  // namespace dne
