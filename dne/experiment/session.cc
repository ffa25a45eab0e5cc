// SPDX-License-Identifier: MIT
#include "dne/experiment/session.h"

#include <utility>

#include "dne/base/about.h"
#include "dne/base/error.h"
#include "dne/tasks/environment_check.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

ExperimentConfig StoredConfig(const RunStore& store, const fs::path& dir, Overrides overrides) {
  for (const std::string& override : overrides) {
    if (override.starts_with("budget.") || override.starts_with("task.data=")) continue;
    throw Error("--set " + override +
                ": a run goes on with the configuration it began with; only budget.* and task.data "
                "can be set on resume");
  }
  return ParseStoredConfig(store.info().config, (dir / "run.sqlite").string() + " (config)",
                           overrides);
}

void ExpectSameArchitecture(const ExperimentConfig& config, const RunInfo& info) {
  if (!BeganElsewhere(config, info)) return;
  throw Error("this run of " + config.environment() + " began on " + info.architecture +
              ", and this is " + ArchitectureName() +
              ", where the physics engine has other bits: go on with it on " + info.architecture +
              ", or, where other bits from here on are welcome, repeat the command with "
              "--allow-architecture");
}

// How two short episodes of random play from one start differ; empty: they do not.
std::string Irregularity(const ExperimentConfig& config, const Setup& setup, const Watch& watch) {
  if (!config.task.kind->facts(config.task.options).is_program) return "";
  try {
    return FindDifference(*setup.world, {.seed = config.seed, .episodes = 1, .max_steps = 100},
                          watch.cancel);
  } catch (const Error&) {
    return "";  // the run will say so, and of which individual
  }
}

}  // namespace

bool BeganElsewhere(const ExperimentConfig& config, const RunInfo& info) {
  return config.task.kind->facts(config.task.options).uses_physics_engine &&
         info.architecture != ArchitectureName();
}

RunInfo InfoOf(const ExperimentConfig& config, const Setup& setup) {
  return {.config = ConfigToToml(config),
          .dne_version = Version(),
          .build = BuildName(),
          .math = MathName(),
          .architecture = ArchitectureName(),
          .machine = MachineName(),
          .seed = config.seed,
          .created = Timestamp(),
          .attachments = AttachmentsOf(setup)};
}

Session::Session(const ExperimentConfig& config, Setup setup, const EvaluatorOptions& options)
    : config_(config),
      setup_(std::move(setup)),
      options_(options),
      algorithm_(MakeAlgorithm(config_, *setup_.task, options_)),
      evaluator_(MakeEvaluator(config_, setup_, algorithm_.get(), options_, watch_)) {}

std::unique_ptr<Session> Session::Begin(const ExperimentConfig& config, const fs::path& dir,
                                        const EvaluatorOptions& options) {
  std::unique_ptr<Session> session(new Session(config, MakeSetup(config), options));
  session->store_ = RunStore::Create(dir, InfoOf(config, session->setup_));
  return session;
}

std::unique_ptr<Session> Session::Resume(const fs::path& dir, Overrides overrides,
                                         const ResumeAllowances& allowances,
                                         const EvaluatorOptions& options) {
  auto store = RunStore::Open(dir);
  ExperimentConfig config = StoredConfig(*store, dir, overrides);
  config.trust.may_start_programs = allowances.programs;
  if (!allowances.architecture) ExpectSameArchitecture(config, store->info());
  Setup setup = MakeSetup(config, ReferenceBatchOf(store->info()));
  ExpectSameData(setup, store->info());
  std::unique_ptr<Session> session(new Session(config, std::move(setup), options));
  session->store_ = std::move(store);
  return session;
}

std::vector<std::string> Session::FindNotes() {
  std::vector<std::string> notes;
  // Bodies and mazes move by these functions; nothing else depends on their last bits.
  const std::string& math = store_->info().math;
  if (config_.task.kind->facts(config_.task.options).uses_math_library && math != MathName()) {
    notes.push_back("this run began with " +
                    (math.empty() ? "the C library's mathematical functions" : math) +
                    ", this dne computes with " + MathName() +
                    ": its generations from here on have other bits than they would have had "
                    "there.");
  }
  if (BeganElsewhere(config_, store_->info())) {
    notes.push_back("this run began on " + store_->info().architecture + ", and this is " +
                    ArchitectureName() +
                    ": its generations from here on have other bits than they would have had "
                    "there.");
  }
  const std::string difference = Irregularity(config_, setup_, watch_);
  if (!difference.empty() && !watch_.cancel) {
    notes.push_back("the environment does not repeat itself (with one seed " + difference +
                    "): neither does the run, and replays differ; dne check-env tells more.");
  }
  return notes;
}

StopReason Session::Go(RunObserver& observer) {
  return RunExperiment(config_.budget, *algorithm_, *evaluator_, *store_,
                       ContextOf(config_, *setup_.task, options_, watch_), observer);
}

}  // namespace dne
