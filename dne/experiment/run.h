// SPDX-License-Identifier: MIT
// THE generation loop: a run from its first generation to its last, stopped and resumed at will.
#pragma once

#include <string>

#include "dne/evaluate/evaluator.h"
#include "dne/experiment/config.h"
#include "dne/store/store.h"

namespace dne {

// What a front end sees of a run. Called on the thread that runs it, between rounds; watching
// changes no result.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void OnPlan(const Plan& /*plan*/) {}
  virtual void OnGeneration(const GenerationRecord& /*record*/) {}
};

enum class StopReason { kGenerations, kSteps, kFrames, kTarget, kCancelled };

// "generations", "steps", "frames", "target", "cancelled".
std::string StopReasonName(StopReason reason);

// Goes on from the store's last checkpoint, or begins where there is none; blocks until the budget
// is spent or `watch` says cancel, which drops the round in flight. Every round is one commit: the
// same configuration gives the same digests however often it was killed and resumed. Throws Error
// as evaluator, store and configuration do; what was committed stays.
StopReason RunExperiment(const ExperimentConfig& config, const Task& task, RunStore& store,
                         const EvaluatorOptions& options, Watch& watch, RunObserver& observer);

}  // namespace dne
