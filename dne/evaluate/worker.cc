// SPDX-License-Identifier: MIT
#include "dne/evaluate/worker.h"

#include <utility>

#include "dne/base/error.h"
#include "dne/evaluate/play_members.h"
#include "dne/evaluate/round.h"

namespace dne {

Worker::Worker(const Task& task, const ParentCache& parents, const EvaluatorOptions& options,
               Watch& watch)
    : task_(task),
      parents_(parents),
      clock_(options.clock),
      watch_(watch),
      task_worker_(task.MakeWorker(options.isa)),
      isa_(options.isa),
      parameters_(task.layout().policy_size()) {}

void Worker::Run(const Plan& plan, std::span<const Job> jobs,
                 const std::function<void(JobResult)>& finish) {
  const Genome& first = plan.items[jobs.front().item].genome;
  const bool by_factors = IsPlayedByFactors(task_, plan.perturbation, first);
  if (!model_ && IsSafe(plan.perturbation.kind)) model_ = task_.MakeOutputModel(isa_);
  if (by_factors || (task_.mixes_policies() && jobs.size() > 1)) {
    return RunMembers(plan, jobs, by_factors, finish);
  }
  Decode(plan, jobs);
  for (const Job& job : jobs) {
    if (watch_.cancel) return;
    try {
      const bool is_second = &job != &jobs.front();
      JobResult result = Play(plan, job, (is_second ? mirrored_ : parameters_).values());
      if (!watch_.cancel) finish(std::move(result));
    } catch (...) {
      RethrowWithItem(plan, job);
    }
  }
}

void Worker::RunMembers(const Plan& plan, std::span<const Job> jobs, bool by_factors,
                        const std::function<void(JobResult)>& finish) {
  const auto genome = [&](size_t i) -> const Genome& { return plan.items[jobs[i].item].genome; };
  MemberJobs members = MemberJobsOf(task_, plan, jobs);
  if (by_factors) {
    for (size_t i = 0; i < jobs.size(); ++i) {
      members.jobs[i].parent = parents_.ParentOf(genome(i));
      DNE_CHECK(!members.jobs[i].parent.empty());
    }
    members.draw = [&](size_t i, LowRankChange& change) {
      parents_.DrawChange(genome(i), members.jobs[i].parent, change);
    };
  } else {
    members.decode = [&](size_t i, std::span<float> numbers) {
      parents_.Express(genome(i), numbers, model_.get());
    };
  }
  PlayMembers(plan, jobs, members, *task_worker_, clock_, watch_, finish);
}

void Worker::Decode(const Plan& plan, std::span<const Job> jobs) {
  const Genome& genome = plan.items[jobs.front().item].genome;
  if (jobs.size() == 1) return parents_.Express(genome, parameters_.values(), model_.get());
  if (mirrored_.values().empty()) mirrored_ = FloatBuffer(task_.layout().policy_size());
  parents_.ExpressPair(genome, parameters_.values(), mirrored_.values(), model_.get());
}

JobResult Worker::Play(const Plan& plan, const Job& job, std::span<const float> parameters) {
  const double start = clock_();
  JobResult result{.item = job.item,
                   .played = task_worker_->Run({parameters}, job.starts,
                                               OptionsOf(task_, plan, plan.items[job.item]),
                                               watch_.steps_run, watch_.cancel),
                   .seconds = 0};
  result.seconds = clock_() - start;
  CheckScores(result.played);
  return result;
}

}  // namespace dne
