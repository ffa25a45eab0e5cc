// SPDX-License-Identifier: MIT
#include <deque>

#include "dne/base/error.h"
#include "dne/base/parallel.h"
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/evaluator.h"
#include "dne/evaluate/round.h"
#include "dne/evaluate/worker.h"
#include "dne/genome/parent_cache.h"

namespace dne {
namespace {

class ThreadEvaluator final : public Evaluator {
 public:
  ThreadEvaluator(const Task& task, const EvaluatorOptions& options, Watch& watch)
      : task_(task),
        options_(options),
        watch_(watch),
        parents_(task.layout(), task.initialiser(options.isa), options.isa) {
    DNE_CHECK(options.threads >= 1);
    for (int i = 0; i < options.threads; ++i)
      workers_.emplace_back(task, parents_, options_, watch);
  }

 private:
  Evaluation Evaluate(const Plan& plan, Journal* journal) override {
    HoldParents(plan);
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

  void HoldParents(const Plan& plan) {
    RememberedExperience remembered;
    if (!model_ && IsSafe(plan.perturbation.kind)) model_ = task_.MakeOutputModel(options_.isa);
    if (model_ && !plan.parents.empty()) {
      remembered = [&, run_seed = plan.parents.front().run_seed](Birth individual) {
        return FindExperience(memory_, task_, plan, run_seed, individual);
      };
    }
    parents_.Hold(plan.parents, plan.centres, plan.perturbation, model_.get(), remembered);
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
  EvaluatorOptions options_;
  Watch& watch_;
  std::unique_ptr<OutputModel> model_;  // made when first needed
  ParentCache parents_;
  EpisodeMemory memory_;
  std::deque<Worker> workers_;
};

}  // namespace

std::unique_ptr<Evaluator> MakeThreadEvaluator(const Task& task, const EvaluatorOptions& options,
                                               Watch& watch) {
  return std::make_unique<ThreadEvaluator>(task, options, watch);
}

}  // namespace dne
