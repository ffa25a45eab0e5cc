// SPDX-License-Identifier: MIT
// THE generation loop: a run from its first generation to its last, stopped and resumed at will.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "dne/algorithms/algorithm.h"
#include "dne/evaluate/evaluator.h"
#include "dne/experiment/config.h"
#include "dne/store/run_writer.h"

namespace dne {

// What a front end sees of a run. Called on the thread that runs it, between rounds; watching
// changes no result. A generation is told of when it ends, its commit follows.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void OnPlan(const Plan& /*plan*/) {}
  virtual void OnGeneration(const GenerationRecord& /*record*/) {}
};

enum class StopReason { kGenerations, kSteps, kFrames, kTarget, kSolved, kCancelled };

// "generations", "steps", "frames", "target", "until_solved", "cancelled".
std::string StopReasonName(StopReason reason);

// Where a run runs; none of it shows in a result.
struct RunContext {
  size_t num_parameters = 0;  // of a policy
  EvaluatorOptions evaluator;
  const Watch& watch;
  // TaskFacts::has_accuracy: how it is read from a behaviour. Null: there is none.
  std::function<double(std::span<const uint8_t> descriptor)> accuracy = nullptr;
};

// Of an experiment that a thread evaluator of these options plays. The task must outlive it.
RunContext ContextOf(const ExperimentConfig& config, const Task& task,
                     const EvaluatorOptions& options, const Watch& watch);

// Goes on from the writer's last commit, or begins where there is none, and plays again nothing
// that was logged since; blocks until the budget is spent or the watch says cancel. The same
// configuration gives the same digests however often it was killed and resumed.
//
// Finished rounds are committed together once a second, less often where that took more than a
// hundredth of the time, every minute at least, and at the end; finished jobs are logged every two
// seconds. A kill or a power cut costs the jobs that had not ended and those that ended within the
// last seconds; what the algorithm learned since the last commit it learns again from the log.
// Cancelling costs the jobs that had not ended. Throws Error as evaluator, writer and algorithm do:
// all that was finished is stored before, unless storing is what failed.
StopReason RunExperiment(const BudgetConfig& budget, Algorithm& algorithm, Evaluator& evaluator,
                         RunWriter& writer, const RunContext& context, RunObserver& observer);

}  // namespace dne
