// SPDX-License-Identifier: MIT
#include "dne/experiment/run.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/experiment/centre_keeper.h"
#include "dne/experiment/recorder.h"
#include "dne/experiment/trials.h"

namespace dne {
namespace {

// What the loop itself must remember between rounds.
struct Progress {
  uint64_t steps = 0;  // counted in training and validation since the run began
  uint64_t frames = 0;
  double wall_seconds = 0;                // spent in finished rounds since the run began
  uint64_t evaluations = 0;               // training trials since the run began
  uint64_t evaluations_until_solved = 0;  // up to and including the first that did; 0: none did

  // Of the generation in work.
  uint32_t rounds = 0;  // finished
  uint64_t digest = 0;
  uint64_t episodes_run = 0;
  uint64_t steps_run = 0;
  double seconds = 0;
  double episode_seconds = 0;  // summed over threads
  uint32_t solved = 0;         // training trials that reached the task's goal
  std::optional<double> best_validation;
  double accuracy = 0;  // of that trial, where the task has it

  // Of the generation before.
  std::optional<double> elite_validation;
  uint32_t generations = 0;
};

// Version 1 counted no evaluations: no task of its time had a goal to be reached. Version 2 kept no
// accuracy.
constexpr uint32_t kProgressVersion = 3;

void AddOptional(std::optional<double> value, ByteWriter& out) {
  out.Add(static_cast<uint8_t>(value.has_value()));
  out.Add(value.value_or(0));
}

std::optional<double> ReadOptional(ByteReader& in) {
  const bool is_there = in.Read<uint8_t>() != 0;
  const double value = in.ReadDouble();
  return is_there ? std::optional(value) : std::nullopt;
}

std::string Save(const Progress& p, const Algorithm& algorithm) {
  ByteWriter out;
  out.Add(kProgressVersion);
  out.Add(p.steps);
  out.Add(p.frames);
  out.Add(p.wall_seconds);
  out.Add(p.rounds);
  out.Add(p.digest);
  out.Add(p.episodes_run);
  out.Add(p.steps_run);
  out.Add(p.seconds);
  out.Add(p.episode_seconds);
  AddOptional(p.elite_validation, out);
  out.Add(p.generations);
  out.Add(p.evaluations);
  out.Add(p.evaluations_until_solved);
  out.Add(p.solved);
  AddOptional(p.best_validation, out);
  out.Add(p.accuracy);
  out.AddText(algorithm.SaveState());
  return out.Take();
}

Progress Restore(std::string_view state, Algorithm& algorithm) {
  ByteReader in(state);
  const auto version = in.Read<uint32_t>();
  if (version < 1 || version > kProgressVersion) {
    throw Error("the run's stored state has another version: resume it with the dne that made it");
  }
  Progress p;
  p.steps = in.Read<uint64_t>();
  p.frames = in.Read<uint64_t>();
  p.wall_seconds = in.ReadDouble();
  p.rounds = in.Read<uint32_t>();
  p.digest = in.Read<uint64_t>();
  p.episodes_run = in.Read<uint64_t>();
  p.steps_run = in.Read<uint64_t>();
  p.seconds = in.ReadDouble();
  p.episode_seconds = in.ReadDouble();
  p.elite_validation = ReadOptional(in);
  p.generations = in.Read<uint32_t>();
  if (version >= 2) {
    p.evaluations = in.Read<uint64_t>();
    p.evaluations_until_solved = in.Read<uint64_t>();
    p.solved = in.Read<uint32_t>();
  }
  if (version >= 3) {
    p.best_validation = ReadOptional(in);
    p.accuracy = in.ReadDouble();
  }
  algorithm.RestoreState(in.ReadText());
  in.ExpectEnd();
  return p;
}

// Budgets are asked about between generations only.
std::optional<StopReason> WhyStop(const BudgetConfig& budget, const Progress& p,
                                  const Watch& watch) {
  if (watch.cancel) return StopReason::kCancelled;
  if (p.rounds > 0) return std::nullopt;
  if (budget.generations && p.generations >= *budget.generations) return StopReason::kGenerations;
  if (budget.steps && p.steps >= *budget.steps) return StopReason::kSteps;
  if (budget.frames && p.frames >= *budget.frames) return StopReason::kFrames;
  if (budget.target && p.elite_validation && *p.elite_validation >= *budget.target) {
    return StopReason::kTarget;
  }
  if (budget.until_solved && p.evaluations_until_solved > 0) return StopReason::kSolved;
  return std::nullopt;
}

// In index order; a trial counts when one of its episodes reached the goal.
void CountSolved(std::span<const TrialRecord> trials, Progress& p) {
  for (const TrialRecord& trial : trials) {
    if (trial.round != "train") return;
    ++p.evaluations;
    if (!trial.solved()) continue;
    ++p.solved;
    if (p.evaluations_until_solved == 0) p.evaluations_until_solved = p.evaluations;
  }
}

// Of the best that was validated.
void NoteAccuracy(std::span<const TrialRecord> trials, const RunContext& context, Progress& p) {
  if (!context.accuracy) return;
  for (const TrialRecord& trial : trials) {
    if (trial.round != "validate") return;
    if (p.best_validation && trial.fitness <= *p.best_validation) continue;
    p.best_validation = trial.fitness;
    p.accuracy = context.accuracy(trial.episodes.front().descriptor);
  }
}

void CountRanks(const std::vector<RankReport>& ranks, Metrics& metrics) {
  if (ranks.empty()) return;
  const auto lost = std::ranges::count_if(ranks, &RankReport::is_lost);
  metrics["ranks"] = static_cast<double>(ranks.size()) - static_cast<double>(lost);
  metrics["ranks_lost"] = static_cast<double>(lost);
}

GenerationRecord EndGeneration(const GenerationSummary& summary, const RunContext& context,
                               const Evaluator& evaluator, Progress& p) {
  const auto metric = [&](const char* name) {
    const auto found = summary.metrics.find(name);
    return found == summary.metrics.end() ? 0.0 : found->second;
  };
  p.steps += static_cast<uint64_t>(metric("steps"));
  p.frames += static_cast<uint64_t>(metric("frames"));
  p.digest = DigestCentres(p.digest, summary.centres);
  p.elite_validation = metric("elite_validation");
  p.generations = summary.generation + 1;

  GenerationRecord record{.generation = summary.generation,
                          .metrics = summary.metrics,
                          .digest = p.digest,
                          .elite = EncodeGenome(summary.elite)};
  Metrics& metrics = record.metrics;
  metrics["steps_total"] = static_cast<double>(p.steps);
  metrics["frames_total"] = static_cast<double>(p.frames);
  metrics["episodes_run"] = static_cast<double>(p.episodes_run);
  metrics["steps_run"] = static_cast<double>(p.steps_run);
  if (p.solved > 0) metrics["solved"] = p.solved;
  if (p.evaluations_until_solved > 0) {
    metrics["evaluations_until_solved"] = static_cast<double>(p.evaluations_until_solved);
  }
  if (p.best_validation) metrics["accuracy"] = p.accuracy;
  // A centre's few bytes are an address, not all there is to it.
  if (!summary.elite.founder.is_centre) {
    metrics["genome_bytes"] = static_cast<double>(record.elite.size());
  }
  metrics["weight_bytes"] = static_cast<double>(context.num_parameters * sizeof(float));
  metrics["mutations"] = static_cast<double>(summary.elite.mutations.size());
  metrics["seconds"] = p.seconds;
  metrics["wall_seconds"] = p.wall_seconds;
  if (p.seconds > 0) {
    metrics["steps_per_second"] = static_cast<double>(p.steps_run) / p.seconds;
    metrics["overhead_share"] =
        1 - p.episode_seconds / (p.seconds * static_cast<double>(evaluator.num_workers()));
  }
  CountRanks(evaluator.Report(), metrics);
  p.rounds = p.solved = 0;
  p.best_validation.reset();
  p.digest = 0;
  p.episodes_run = p.steps_run = 0;
  p.seconds = p.episode_seconds = 0;
  return record;
}

// What is to be committed of a round.
Commit Summarise(const Plan& plan, const Evaluation& evaluation,
                 const std::optional<GenerationSummary>& summary, double seconds,
                 const RunContext& context, const Evaluator& evaluator, Progress& p) {
  Commit commit;
  commit.trials = TrialsOf(plan, evaluation.results);
  ++p.rounds;
  CountSolved(commit.trials, p);
  NoteAccuracy(commit.trials, context, p);
  p.digest = DigestRound(p.digest, plan, commit.trials);
  p.episodes_run += evaluation.episodes_run;
  p.steps_run += evaluation.steps_run;
  p.episode_seconds += evaluation.episode_seconds;
  p.seconds += seconds;
  p.wall_seconds += seconds;
  if (summary) {
    commit.generations.push_back(EndGeneration(*summary, context, evaluator, p));
  }
  commit.next_generation = plan.generation + (summary ? 1 : 0);
  commit.next_round = p.rounds;
  return commit;
}

// The loop, with all that takes part in it.
class Run {
 public:
  Run(Algorithm& algorithm, Evaluator& evaluator, RunWriter& writer, const RunContext& context,
      RunObserver& observer)
      : algorithm_(algorithm),
        evaluator_(evaluator),
        context_(context),
        observer_(observer),
        recorder_(writer, context.evaluator.clock) {
    if (const auto checkpoint = writer.LastCheckpoint()) {
      progress_ = Restore(checkpoint->state, algorithm);
    }
  }

  StopReason Go(const BudgetConfig& budget) {
    while (true) {
      if (const auto reason = WhyStop(budget, progress_, context_.watch)) {
        Write();
        return *reason;
      }
      const Plan plan = algorithm_.Ask();            // 1. who is tried, on what
      const Evaluation evaluation = Evaluate(plan);  // 2. try them
      const auto summary = Tell(plan, evaluation);   // 3. select, learn
      Record(plan, evaluation, summary);             // 4. what happened, and how to go on
    }
  }

 private:
  // Whatever ends it, the algorithm still is as the last round left it.
  Evaluation Evaluate(const Plan& plan) {
    observer_.OnPlan(plan);
    recorder_.Begin(plan, progress_.rounds);
    try {
      return evaluator_.Run(plan, recorder_);
    } catch (...) {
      Write();
      throw;
    }
  }

  // An algorithm that fails may be half changed: its rounds come back from the log.
  std::optional<GenerationSummary> Tell(const Plan& plan, const Evaluation& evaluation) {
    const double start = context_.evaluator.clock();
    try {
      auto summary = algorithm_.Tell(plan, evaluation.results);
      learning_seconds_ += context_.evaluator.clock() - start;
      return summary;
    } catch (...) {
      recorder_.WriteLog();
      throw;
    }
  }

  void Record(const Plan& plan, const Evaluation& evaluation,
              const std::optional<GenerationSummary>& summary) {
    Commit round =
        Summarise(plan, evaluation, summary, recorder_.Seconds(), context_, evaluator_, progress_);
    const std::vector<GenerationRecord> ended = round.generations;
    if (summary) {
      centres_.Keep(*summary, algorithm_, std::exchange(learning_seconds_, 0), round);
    }
    recorder_.Add(std::move(round));
    if (recorder_.IsCommitDue()) Write();
    for (const GenerationRecord& record : ended) observer_.OnGeneration(record);
  }

  void Write() { recorder_.Write(Save(progress_, algorithm_), evaluator_.Report()); }

  Algorithm& algorithm_;
  Evaluator& evaluator_;
  const RunContext& context_;
  RunObserver& observer_;
  Progress progress_;
  Recorder recorder_;
  CentreKeeper centres_;
  double learning_seconds_ = 0;  // of the generation in work, by this process
};

}  // namespace

std::string StopReasonName(StopReason reason) {
  switch (reason) {
    case StopReason::kGenerations:
      return "generations";
    case StopReason::kSteps:
      return "steps";
    case StopReason::kFrames:
      return "frames";
    case StopReason::kTarget:
      return "target";
    case StopReason::kSolved:
      return "until_solved";
    case StopReason::kCancelled:
      return "cancelled";
  }
  DNE_CHECK(false);
}

RunContext ContextOf(const ExperimentConfig& config, const Task& task,
                     const EvaluatorOptions& options, const Watch& watch) {
  RunContext context{task.layout().num_parameters, options, watch};
  if (config.task.kind->facts(config.task.options).has_accuracy) {
    context.accuracy = [&task](std::span<const uint8_t> descriptor) {
      return task.Point(descriptor).front();
    };
  }
  return context;
}

StopReason RunExperiment(const BudgetConfig& budget, Algorithm& algorithm, Evaluator& evaluator,
                         RunWriter& writer, const RunContext& context, RunObserver& observer) {
  try {
    return Run(algorithm, evaluator, writer, context, observer).Go(budget);
  } catch (const Cancelled&) {
    return StopReason::kCancelled;
  }
}

}  // namespace dne
