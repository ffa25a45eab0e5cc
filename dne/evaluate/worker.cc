// SPDX-License-Identifier: MIT
#include "dne/evaluate/worker.h"

#include <cmath>
#include <exception>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/evaluate/round.h"

namespace dne {
namespace {

// The exception that is in flight, with what it happened to.
[[noreturn]] void RethrowWithItem(const Plan& plan, const Job& job) {
  const std::string where = "generation " + std::to_string(plan.generation) + ", round " +
                            plan.round + ", item " + std::to_string(job.item) + ", individual " +
                            BirthName(plan.items[job.item].genome.birth()) + ": ";
  try {
    throw;
  } catch (const Error& error) {
    throw Error(where + error.what());
  } catch (const std::exception& error) {
    throw BugError(where + error.what());
  }
}

void CheckScores(const Result& played) {
  for (const Episode& episode : played.episodes) {
    if (std::isnan(episode.score)) throw Error("an episode's score is not a number");
  }
}

}  // namespace

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

// Jobs overlap: each one's seconds are those since the one before ended, which add up.
void Worker::RunMembers(const Plan& plan, std::span<const Job> jobs, bool by_factors,
                        const std::function<void(JobResult)>& finish) {
  const auto genome = [&](size_t i) -> const Genome& { return plan.items[jobs[i].item].genome; };
  MemberJobs members;
  for (const Job& job : jobs) {
    members.jobs.push_back({job.starts, OptionsOf(task_, plan, plan.items[job.item])});
  }
  if (by_factors) {
    members.parent = parents_.ParentOf(genome(0));
    DNE_CHECK(!members.parent.empty());
    members.draw = [&](size_t i, LowRankChange& change) {
      parents_.DrawChange(genome(i), members.parent, change);
    };
  } else {
    members.decode = [&](size_t i, std::span<float> numbers) {
      parents_.Express(genome(i), numbers, model_.get());
    };
  }
  double last_end = clock_();
  members.finish = [&](size_t i, Result played) {
    if (watch_.cancel) return;
    CheckScores(played);
    const double now = clock_();
    finish({.item = jobs[i].item,
            .played = std::move(played),
            .seconds = now - std::exchange(last_end, now)});
  };
  try {
    task_worker_->RunMembers(members, watch_.steps_run, watch_.cancel);
  } catch (...) {
    RethrowWithItem(plan, jobs[members.in_work]);
  }
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
