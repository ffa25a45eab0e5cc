// SPDX-License-Identifier: MIT
// One plan on its way through an evaluator: what all evaluators do alike, wherever their workers
// are. Private to evaluators.
#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/evaluator.h"
#include "dne/plan/job.h"
#include "dne/tasks/task.h"

namespace dne {

// How an item's episodes are played: as asked, within the environment's own limit. Those that
// mutations will look at are remembered with what the policy saw.
EpisodeOptions OptionsOf(const Task& task, const Plan& plan, const Item& item);

// What an individual saw in the first of its BirthEpisodes, where it was played as mutations of the
// plan look at it; null where it is not known. Valid until the memory changes.
const Experience* FindExperience(const EpisodeMemory& memory, const Task& task, const Plan& plan,
                                 uint64_t run_seed, Birth individual);

class Round {
 public:
  // Draws the episodes' starts and cuts those that are not in `memory` into jobs, so that each of
  // `num_workers` has work and lanes are full. Everything given must outlive the round; `journal`
  // may be null.
  Round(const Task& task, const Plan& plan, EpisodeMemory& memory, Journal* journal,
        size_t num_workers);

  const Plan& plan() const { return plan_; }
  // What is still to be played, in plan order.
  std::span<const Job> jobs() const { return jobs_; }
  // The same jobs as a worker takes them at a time: alone, two of an antithetic pair, which it
  // decodes together, or policies that are played side by side, members of one parent by their
  // factors or, where the task mixes policies, any: several episodes for each of its lanes, so that
  // these stay full although episodes differ in length.
  size_t num_shares() const { return shares_.size(); }
  std::span<const Job> share(size_t i) const { return shares_[i]; }

  // Steps that the share will take, by what its individuals or their parents took before; 0: not
  // known.
  double ExpectedSteps(size_t share) const;

  // A job of jobs() has ended. Thread-safe.
  void Finish(JobResult result);
  // Hands what has ended since the last call to the journal.
  void Keep();

  // Once all jobs have ended: every item's episodes, in draw order.
  Evaluation Collect();

 private:
  void DrawStarts();
  void RecallKept();
  void MakeJobs(size_t num_workers);
  void MakeShares(size_t num_workers);
  size_t SizeOfShare(std::span<const Job> jobs, size_t most_episodes) const;
  void Remember(const JobResult& result);
  Result ResultOf(size_t item) const;

  const Task& task_;
  const Plan& plan_;
  EpisodeMemory& memory_;
  Journal* journal_;
  std::vector<std::vector<EpisodeStart>> draws_;  // of each item
  std::vector<Job> jobs_;
  std::vector<std::span<const Job>> shares_;
  Evaluation evaluation_;

  std::mutex mutex_;
  std::vector<JobResult> finished_;  // by workers, in the order of their ends
  size_t kept_ = 0;                  // so many of them
};

}  // namespace dne
