// SPDX-License-Identifier: MIT
// `dne run` and `dne resume`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/dne/command.h"
#include "apps/dne/progress.h"
#include "apps/dne/story.h"
#include "dne/base/error.h"
#include "dne/cluster/cluster.h"
#include "dne/experiment/session.h"
#include "dne/gpu/queue.h"

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
  ResumeAllowances allowances;  // of resume
};

LogFormat ParseLogFormat(const std::string& word) {
  return word == "json" ? LogFormat::kJson : LogFormat::kText;
}

// Limits given to `dne resume` hold for that call alone.
std::string ResumeCommand(const fs::path& dir, const ExperimentConfig& config,
                          const RunWords& words) {
  std::string command = "dne resume " + ShellWord(dir.string()) +
                        AllowCommandText(config.task.kind->facts(config.task.options));
  if (words.allowances.architecture) command += " --allow-architecture";
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

// The work that `run` and `resume` share, from an open store to the last word.
void Go(Session& session, const fs::path& dir, const RunWords& words) {
  const ExperimentConfig& config = session.config();
  const EvaluatorOptions& options = session.options();
  const LogFormat format = ParseLogFormat(words.log);
  if (format == LogFormat::kText) {
    fmt::print("{}: {} on {}, {} parameters, {}{} threads, {}{}\n", dir.string(),
               config.algorithm.kind->title, config.environment(),
               Thousands(static_cast<double>(session.setup().task->layout().num_parameters)),
               RanksText(options), options.threads, IsaName(options.isa), DeviceText(options));
    std::fflush(stdout);
  }
  const InterruptScope interrupt(session.watch());
  for (const std::string& note : session.FindNotes()) fmt::print(stderr, "Note: {}\n", note);
  StopReason reason{};
  {
    const auto progress =
        MakeProgress(format, config.budget, session.store().Generations(), session.watch());
    reason = session.Go(*progress);
  }
  if (reason == StopReason::kCancelled) {
    std::fflush(stdout);
    fmt::print(stderr, "Interrupted; every episode that has ended is stored. Continue with: {}\n",
               ResumeCommand(dir, config, words));
    throw Exit{kExitInterrupted};
  }
  if (format == LogFormat::kText) {
    fmt::print("\nEnded: budget.{} is reached.\n{}", StopReasonName(reason),
               FinalTable(session.store(), dir));
  }
}

void Run(const RunWords& words) {
  std::vector<std::string> overrides = words.overrides;
  if (words.seed) overrides.push_back(fmt::format("seed={}", *words.seed));
  const ExperimentConfig config = LoadConfig(words.config, overrides);
  const fs::path dir = words.dir.empty()
                           ? fs::path("runs") / fmt::format("{}-s{}", config.name, config.seed)
                           : fs::path(words.dir);
  Go(*Session::Begin(config, dir, words.compute.Resolve()), dir, words);
}

void Resume(const RunWords& words) {
  Go(*Session::Resume(words.dir, words.overrides, words.allowances, words.compute.Resolve()),
     words.dir, words);
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
  AddAllowCommandOption(*command, words->allowances.programs);
  command->add_flag("--allow-architecture", words->allowances.architecture,
                    "Go on with a run of a body that began on another architecture, with other "
                    "bits");
  AddLogOption(*command, *words);
  AddComputeOptions(*command, words->compute);
  AddDeviceOption(*command, words->compute);
  command->footer("Example: dne resume runs/frostbite --set budget.steps=50_000_000");
  command->callback([words] { Resume(*words); });
}

}  // namespace dne::app
