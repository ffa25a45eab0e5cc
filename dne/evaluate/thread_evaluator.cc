// SPDX-License-Identifier: MIT
#include "dne/base/parallel.h"
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/evaluator.h"
#include "dne/evaluate/round.h"
#include "dne/evaluate/workers.h"

namespace dne {
namespace {

class ThreadEvaluator final : public Evaluator {
 public:
  ThreadEvaluator(const Task& task, const EvaluatorOptions& options, Watch& watch)
      : task_(task), watch_(watch), workers_(task, options, watch) {}

  size_t num_workers() const override { return workers_.size(); }

 private:
  Evaluation Evaluate(const Plan& plan, Journal* journal) override {
    workers_.Hold(plan, memory_);
    Round round(task_, plan, memory_, journal, workers_.size());
    watch_.jobs_done = 0;
    watch_.jobs_total = round.jobs().size();
    try {
      Play(round, journal != nullptr);
    } catch (...) {
      round.Keep();
      throw;
    }
    round.Keep();
    if (watch_.cancel) throw Cancelled();
    return round.Collect();
  }

  void Play(Round& round, bool keeps) {
    const auto finish = [&](JobResult result) {
      round.Finish(std::move(result));
      ++watch_.jobs_done;
    };
    Supervision supervision{.cancel = &watch_.cancel};
    if (keeps) supervision.tick = [&] { round.Keep(); };
    RunJobs(
        workers_.size(), round.num_shares(),
        [&](size_t worker, size_t i) {
          workers_[worker].Run(round.plan(), round.share(i), finish);
        },
        supervision);
  }

  const Task& task_;
  Watch& watch_;
  EpisodeMemory memory_;
  Workers workers_;
};

}  // namespace

std::unique_ptr<Evaluator> MakeThreadEvaluator(const Task& task, const EvaluatorOptions& options,
                                               Watch& watch) {
  return std::make_unique<ThreadEvaluator>(task, options, watch);
}

}  // namespace dne
