// SPDX-License-Identifier: MIT
// `dne run` and `dne resume`.
#include "dne/experiment/run.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/dne/command.h"
#include "apps/dne/progress.h"
#include "apps/dne/run_info.h"
#include "apps/dne/story.h"
#include "dne/base/error.h"
#include "dne/cluster/cluster.h"
#include "dne/experiment/setup.h"
#include "dne/gpu/queue.h"
#include "dne/tasks/environment_check.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;

struct RunWords {
  std::string config;
  std::string dir;
  std::vector<std::string> overrides;
  std::optional<uint64_t> seed;
  std::string log = "text";
  ComputeOptions compute;
  bool allow_command = false;  // of resume
};

LogFormat ParseLogFormat(const std::string& word) {
  return word == "json" ? LogFormat::kJson : LogFormat::kText;
}

// Limits given to `dne resume` hold for that call alone.
std::string ResumeCommand(const fs::path& dir, const ExperimentConfig& config,
                          const RunWords& words) {
  std::string command = "dne resume " + ShellWord(dir.string()) +
                        AllowCommandText(config.task.kind->facts(config.task.options));
  if (!words.config.empty()) return command;
  for (const std::string& override : words.overrides) command += " --set " + ShellWord(override);
  return command;
}

// "5 ranks of ", where there are several.
std::string RanksText(const EvaluatorOptions& options) {
  return options.cluster == nullptr ? ""
                                    : fmt::format("{} ranks of ", options.cluster->num_ranks());
}

// ", NVIDIA H100", where networks run there.
std::string DeviceText(const EvaluatorOptions& options) {
  return options.device == nullptr ? "" : ", " + options.device->name();
}

// What carries a run out. Made before its store: where something is missing, no run begins.
struct Engine {
  Engine(const ExperimentConfig& config, const Setup& setup, const RunWords& words)
      : options(words.compute.Resolve()),
        algorithm(MakeAlgorithm(config, *setup.task, options)),
        evaluator(MakeEvaluator(config, setup, algorithm.get(), options, watch)) {}

  EvaluatorOptions options;
  Watch watch;
  std::unique_ptr<Algorithm> algorithm;
  std::unique_ptr<Evaluator> evaluator;
};

// Said where a short episode of random play, played twice, is not the same.
void NoteIrregularity(const ExperimentConfig& config, const Setup& setup, const Watch& watch) {
  if (!config.task.kind->facts(config.task.options).is_program) return;
  std::string difference;
  try {
    difference = FindDifference(
        *setup.world, {.seed = config.seed, .episodes = 1, .max_steps = 100}, watch.cancel);
  } catch (const Error&) {
    return;  // the run will say so, and of which individual
  }
  if (difference.empty() || watch.cancel) return;
  fmt::print(stderr,
             "Note: the environment does not repeat itself (with one seed {}): neither does the "
             "run, and replays differ; dne check-env tells more.\n",
             difference);
}

// The work that `run` and `resume` share, from an open store to the last word.
void Go(const ExperimentConfig& config, const Setup& setup, Engine& engine, RunStore& store,
        const fs::path& dir, const RunWords& words) {
  const EvaluatorOptions& options = engine.options;
  const LogFormat format = ParseLogFormat(words.log);
  if (format == LogFormat::kText) {
    fmt::print("{}: {} on {}, {} parameters, {}{} threads, {}{}\n", dir.string(),
               config.algorithm.kind->title, config.environment(),
               Thousands(static_cast<double>(setup.task->layout().num_parameters)),
               RanksText(options), options.threads, IsaName(options.isa), DeviceText(options));
    std::fflush(stdout);
  }
  const InterruptScope interrupt(engine.watch);
  NoteIrregularity(config, setup, engine.watch);
  StopReason reason{};
  {
    const auto progress = MakeProgress(format, config.budget, store.Generations(), engine.watch);
    reason = RunExperiment(config.budget, *engine.algorithm, *engine.evaluator, store,
                           ContextOf(config, *setup.task, options, engine.watch), *progress);
  }
  if (reason == StopReason::kCancelled) {
    std::fflush(stdout);
    fmt::print(stderr, "Interrupted; every episode that has ended is stored. Continue with: {}\n",
               ResumeCommand(dir, config, words));
    throw Exit{kExitInterrupted};
  }
  if (format == LogFormat::kText) {
    fmt::print("\nEnded: budget.{} is reached.\n{}", StopReasonName(reason),
               FinalTable(store, dir));
  }
}

void Run(const RunWords& words) {
  std::vector<std::string> overrides = words.overrides;
  if (words.seed) overrides.push_back(fmt::format("seed={}", *words.seed));
  const ExperimentConfig config = LoadConfig(words.config, overrides);
  const fs::path dir = words.dir.empty()
                           ? fs::path("runs") / fmt::format("{}-s{}", config.name, config.seed)
                           : fs::path(words.dir);
  const Setup setup = MakeSetup(config);
  Engine engine(config, setup, words);
  const auto store = RunStore::Create(dir, InfoOf(config, setup));
  Go(config, setup, engine, *store, dir, words);
}

// Only the budget may differ from the stored configuration, and where the data lie: all else would
// change the past.
ExperimentConfig StoredConfig(const RunStore& store, const fs::path& dir,
                              const std::vector<std::string>& overrides) {
  const std::string origin = (dir / "run.sqlite").string() + " (config)";
  for (const std::string& override : overrides) {
    if (!override.starts_with("budget.") && !override.starts_with("task.data=")) {
      throw Error(
          fmt::format("--set {}: a run goes on with the configuration it began with; only "
                      "budget.* and task.data can be set on resume",
                      override));
    }
  }
  return ParseStoredConfig(store.info().config, origin, overrides);
}

// Bodies and mazes move by these functions; nothing else depends on their last bits.
void NoteOtherMath(const RunInfo& info) {
  if (info.math == DNE_MATH) return;
  fmt::print(stderr,
             "Note: this run began with {}, this dne computes with {}: its generations from "
             "here on have other bits than they would have had there.\n",
             info.math.empty() ? "the C library's mathematical functions" : info.math, DNE_MATH);
}

void Resume(const RunWords& words) {
  const auto store = RunStore::Open(words.dir);
  ExperimentConfig config = StoredConfig(*store, words.dir, words.overrides);
  config.trust.may_start_programs = words.allow_command;
  const Setup setup = MakeSetup(config, ReferenceBatchOf(store->info()));
  ExpectSameData(setup, store->info());
  if (config.task.kind->facts(config.task.options).uses_math_library) NoteOtherMath(store->info());
  Engine engine(config, setup, words);
  Go(config, setup, engine, *store, words.dir, words);
}

void AddLogOption(CLI::App& command, RunWords& words) {
  command.add_option("--log", words.log, "What to print: text, or json (one object a generation)")
      ->check(CLI::IsMember({"text", "json"}));
}

}  // namespace

void AddRunCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "Begin a run of an experiment file");
  auto words = std::make_shared<RunWords>();
  command->add_option("config", words->config, "Experiment file (TOML); see dne list")->required();
  command->add_option("--set", words->overrides, "Change one value: --set algorithm.sigma=0.005")
      ->take_all()
      ->expected(1);
  command->add_option("--out", words->dir, "Run directory (default: runs/NAME-sSEED)");
  command->add_option("--seed", words->seed, "Run seed (default: the experiment file's)")
      ->check(CLI::Range(uint64_t{0}, kLargestSeed));
  AddLogOption(*command, *words);
  AddComputeOptions(*command, words->compute);
  AddDeviceOption(*command, words->compute);
  command->footer(
      "Example: dne run configs/atari/frostbite-ga.toml --out runs/frostbite --set "
      "budget.generations=10");
  command->callback([words] { Run(*words); });
}

void AddResumeCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("resume", "Go on with a run from its last commit");
  auto words = std::make_shared<RunWords>();
  command->add_option("dir", words->dir, "Run directory")->required();
  command
      ->add_option("--set", words->overrides,
                   "Change the budget, or where data lie: --set budget.generations=100")
      ->take_all()
      ->expected(1);
  AddAllowCommandOption(*command, words->allow_command);
  AddLogOption(*command, *words);
  AddComputeOptions(*command, words->compute);
  AddDeviceOption(*command, words->compute);
  command->footer("Example: dne resume runs/frostbite --set budget.steps=50_000_000");
  command->callback([words] { Resume(*words); });
}

}  // namespace dne::app
