// SPDX-License-Identifier: MIT
// What fitness means: a task turns parameters into episodes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "dne/base/isa.h"
#include "dne/genome/genome.h"
#include "dne/genome/output_model.h"
#include "dne/genome/policy_layout.h"
#include "dne/plan/plan.h"
#include "dne/random/low_rank_change.h"
#include "dne/random/stream.h"

namespace dne {

class Exams;
struct EpisodeSetup;

// A policy (Task::layout) as it is played.
struct PolicyView {
  std::span<const float> numbers;
  // Of a member that is played by its factors, whose parent has these numbers; else null.
  const LowRankChange* change = nullptr;
};

// Policies that a worker plays side by side: members that are played by their factors, all of one
// parent, or any, each with numbers of its own or with a network that somebody else runs.
struct MemberJobs {
  struct Job {
    std::span<const EpisodeStart> starts;  // at least one
    EpisodeOptions how;
    // Numbers that the member is made of by less than all of them; empty: there are none.
    std::span<const float> parent{};
  };

  std::vector<Job> jobs;
  // Of the three the one that is needed: what makes the job's member of its parent, its numbers, or
  // the outputs of its network, a row for each row that it sees, be it of the same job as others.
  std::function<void(size_t job, LowRankChange& change)> draw;
  std::function<void(size_t job, std::span<float> numbers)> decode;
  std::function<void(std::span<const size_t> jobs, std::span<const float> seen,
                     std::span<float> outputs)>
      run_networks;
  std::function<void(size_t job, Result result)> finish;  // called once for each job
  size_t in_work = 0;  // the job that something is done for: the one that an exception is about
};

// Private to one thread.
class TaskWorker {
 public:
  virtual ~TaskWorker() = default;

  // Plays one episode a start, of one policy (Task::layout), and blocks. The result's episodes[i]
  // belongs to starts[i]; which starts are played together changes no bit. `how` is what the item
  // that the episodes are for asks: its step cap and what it wants noted. `steps_run` counts steps
  // as they are made. Once `cancel` is true the rest is dropped and the result is worthless.
  virtual Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
                     const EpisodeOptions& how, std::atomic<uint64_t>& steps_run,
                     const std::atomic<bool>& cancel) = 0;

  // Plays jobs of many members, in any order or side by side, each with the result that Run has for
  // it. Of tasks that play factors, or mix policies.
  virtual void RunMembers(MemberJobs& members, std::atomic<uint64_t>& steps_run,
                          const std::atomic<bool>& cancel);
};

// Immutable, shared by all threads.
class Task {
 public:
  virtual ~Task() = default;

  // Of its policies; valid as long as the task lives.
  virtual const PolicyLayout& layout() const = 0;
  // Pure; valid as long as the task lives. Writes a normaliser of means 0 and deviations 1; who
  // learns better ones is the algorithm.
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
  // Whether children that have factors (dne/genome/perturbation.h) are played by them: their
  // outputs are then defined that way (dne/nn/forward.h), whoever plays them. Otherwise they are
  // decoded as all others are.
  virtual bool plays_factors() const { return false; }
  // How many episodes of one policy a worker plays side by side at best.
  virtual int lanes() const = 0;
  // Whether episodes of different policies are played side by side too, be it that each has numbers
  // of its own.
  virtual bool mixes_policies() const { return false; }
  virtual std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const = 0;
  // What its episodes are, where they are exams, or what they are played in and by, where they are
  // played in a world; null: they are something else.
  virtual const Exams* exams() const { return nullptr; }
  virtual const EpisodeSetup* episodes() const { return nullptr; }
  // For mutations that look at outputs; the task must outlive it. Null: it has none.
  virtual std::unique_ptr<OutputModel> MakeOutputModel(Isa) const { return nullptr; }
};

// Whether the task plays such a child of a parent by its factors.
inline bool IsPlayedByFactors(const Task& task, const PerturbationSpec& perturbation,
                              const Genome& genome) {
  return task.plays_factors() && HasFactors(perturbation.kind) && !genome.mutations.empty();
}

}  // namespace dne
