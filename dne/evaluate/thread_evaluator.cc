// SPDX-License-Identifier: MIT
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/evaluator.h"
#include "dne/evaluate/play_here.h"
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
    return PlayHere(round, journal != nullptr, watch_, workers_.size(), round.num_shares(),
                    [&](size_t worker, size_t share, const auto& finish) {
                      workers_[worker].Run(plan, round.share(share), finish);
                    });
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
