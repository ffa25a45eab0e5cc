// SPDX-License-Identifier: MIT
// A thread's queue of a device, with the members of a plan on it. Private to the evaluator.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>

#include "dne/base/float_buffer.h"
#include "dne/evaluate/evaluator.h"
#include "dne/genome/parent_cache.h"
#include "dne/gpu/population.h"
#include "dne/plan/job.h"
#include "dne/tasks/task.h"

namespace dne::gpu {

using FinishJob = std::function<void(JobResult)>;

// What players are made with; all that it refers to must outlive them.
struct Table {
  const Task& task;
  const ParentCache& parents;
  const EvaluatorOptions& options;
  Watch& watch;
  size_t memory = 0;  // of the device, for each player
};

class Player {
 public:
  virtual ~Player() = default;

  // How many jobs it should take at a time, of so many that all players share.
  virtual size_t ShareOf(size_t jobs, size_t players) const = 0;

  // Plays them and hands each one's result to `finish`; blocks. The parents are the plan's. Once
  // the watch says cancel, the rest is dropped.
  void Play(const Plan& plan, std::span<const Job> jobs, const FinishJob& finish);

 protected:
  Player(const Table& table, const Network& network, Sights sights);

  const Task& task() const { return table_.task; }
  const EvaluatorOptions& options() const { return table_.options; }
  Watch& watch() { return table_.watch; }
  Population& population() { return population_; }
  // Numbers that member i is made of.
  std::span<const float> parent(size_t i) const { return parents_[members_[i].parent]; }

 private:
  // Of jobs whose members are held: members[i] plays jobs[i].
  virtual void PlayHeld(const Plan& plan, std::span<const Job> jobs, const FinishJob& finish) = 0;

  bool IsMade(const Plan& plan, const Genome& genome) const;
  size_t CountTogether(const Plan& plan, std::span<const Job> jobs) const;
  void Hold(const Plan& plan, std::span<const Job> jobs);
  std::span<const float> NumbersOf(const Plan& plan, const Genome& genome);

  Table table_;
  std::unique_ptr<Queue> queue_;
  Population population_;
  std::vector<Member> members_;                  // that are held
  std::vector<std::span<const float>> parents_;  // of them
  std::unique_ptr<OutputModel> model_;           // made when first needed
  std::deque<FloatBuffer> expressed_;            // policies that the processor made
};

}  // namespace dne::gpu
