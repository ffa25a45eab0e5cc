// SPDX-License-Identifier: MIT
#include "dne/evaluate/play_members.h"

#include <cmath>
#include <exception>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/evaluate/round.h"

namespace dne {

void RethrowWithItem(const Plan& plan, const Job& job) {
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

MemberJobs MemberJobsOf(const Task& task, const Plan& plan, std::span<const Job> jobs) {
  MemberJobs members;
  for (const Job& job : jobs) {
    members.jobs.push_back({job.starts, OptionsOf(task, plan, plan.items[job.item])});
  }
  return members;
}

// Jobs overlap: each one's seconds are those since the one before ended, which add up.
void PlayMembers(const Plan& plan, std::span<const Job> jobs, MemberJobs& members,
                 TaskWorker& worker, const Clock& clock, Watch& watch,
                 const std::function<void(JobResult)>& finish) {
  double last_end = clock();
  members.finish = [&](size_t i, Result played) {
    if (watch.cancel) return;
    CheckScores(played);
    const double now = clock();
    finish({.item = jobs[i].item,
            .played = std::move(played),
            .seconds = now - std::exchange(last_end, now)});
  };
  try {
    worker.RunMembers(members, watch.steps_run, watch.cancel);
  } catch (...) {
    RethrowWithItem(plan, jobs[members.in_work]);
  }
}

}  // namespace dne
