// SPDX-License-Identifier: MIT
// A run with all that carries it out: what the command line and the Python package begin, and go on
// with.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dne/algorithms/algorithm.h"
#include "dne/evaluate/evaluator.h"
#include "dne/experiment/config.h"
#include "dne/experiment/run.h"
#include "dne/experiment/setup.h"
#include "dne/store/store.h"

namespace dne {

// What the store of a run that begins now says of it.
RunInfo InfoOf(const ExperimentConfig& config, const Setup& setup);

// Whether a run goes on here only where ResumeAllowances::architecture says so.
bool BeganElsewhere(const ExperimentConfig& config, const RunInfo& info);

// What is done on resuming for no run but those for which the user said so.
struct ResumeAllowances {
  bool programs = false;      // to start those that its configuration names
  bool architecture = false;  // to go on where the physics engine has other bits
};

class Session {
 public:
  // Begins a run in `dir`, which must not hold one. Where something is missing, no run begins.
  static std::unique_ptr<Session> Begin(const ExperimentConfig& config,
                                        const std::filesystem::path& dir,
                                        const EvaluatorOptions& options);
  // Goes on with the run in `dir`. Only budget.* and task.data may be overridden: all else would
  // change the past.
  static std::unique_ptr<Session> Resume(const std::filesystem::path& dir, Overrides overrides,
                                         const ResumeAllowances& allowances,
                                         const EvaluatorOptions& options);

  // What a user should know before it goes on, as sentences: that the environment does not repeat
  // itself, which is tried by a short episode of random play, or that the bits will be others.
  std::vector<std::string> FindNotes();

  // Blocks until the budget is spent or the watch says cancel. Throws as RunExperiment does.
  StopReason Go(RunObserver& observer);

  const ExperimentConfig& config() const { return config_; }
  const Setup& setup() const { return setup_; }
  const EvaluatorOptions& options() const { return options_; }
  const RunStore& store() const { return *store_; }
  Watch& watch() { return watch_; }

 private:
  Session(const ExperimentConfig& config, Setup setup, const EvaluatorOptions& options);

  ExperimentConfig config_;
  Setup setup_;
  EvaluatorOptions options_;
  Watch watch_;
  std::unique_ptr<Algorithm> algorithm_;
  std::unique_ptr<Evaluator> evaluator_;
  std::unique_ptr<RunStore> store_;
};

}  // namespace dne
