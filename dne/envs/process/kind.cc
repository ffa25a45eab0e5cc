// SPDX-License-Identifier: MIT
#include "dne/envs/process/kind.h"

#include <array>
#include <filesystem>

#include "dne/base/error.h"
#include "dne/config/text.h"
#include "dne/envs/process/process.h"
#include "dne/envs/process/process_options.h"

namespace dne {
namespace {

constexpr std::array<Choice<ObservationType>, 2> kObservations = {
    {{"floats", ObservationType::kFloats}, {"bytes", ObservationType::kBytes}}};

struct ProcessWorldOptions {
  std::vector<std::string> command;
  ProcessLimits limits;

  void Visit(Fields& fields) {
    fields
        .Add("command", command, Words{},
             "the environment's program and its arguments; each thread has a process of its own")
        .Needed("it is what is played in");
    limits.Visit(fields);
  }
  bool operator==(const ProcessWorldOptions&) const = default;
};

// The file that an interpreter is given, or the program itself: "my_environment.py".
std::string NameOf(const std::vector<std::string>& command) {
  std::string name = "process";
  for (const std::string& word : command) {
    if (word.starts_with("-")) break;
    name = std::filesystem::path(word).filename().string();
  }
  return name;
}

}  // namespace

void ProcessLimits::Visit(Fields& fields) {
  fields.Add("observations", observation, kObservations,
             "what the environment gives to be seen: a flat list of floats, or an image of bytes");
  fields.Add("start_seconds", start_seconds, Range<double>{0.1, 86'400},
             "the longest that it may take to start");
  fields.Add("step_seconds", step_seconds, Range<double>{0.1, 86'400},
             "the longest that a reset or a step may take");
  fields.Add("num_envs", num_envs, Range<int>{0, kMostEnvs},
             "environments that a worker thread's process holds, which step in one round trip; 0: "
             "of a program as many as it says that it can hold, of an id of Gymnasium 8, of "
             "module:function 1, since those of a process may disturb each other");
}

WorldFacts ProcessFacts(const ProcessLimits& limits, bool starts_programs) {
  return {.observation = limits.observation,
          .action = ActionType::kContinuous,
          .behaviour = BehaviourType::kPoint,
          .has_step_limit = true,
          .can_be_solved = true,
          .is_program = true,
          .starts_programs = starts_programs};
}

std::shared_ptr<const World> LoadProcess(const std::vector<std::string>& command,
                                         const ProcessLimits& limits, bool may_start) {
  if (!may_start) {
    throw Error("its experiment starts a program: " + ToToml(command) +
                "; where you trust it, repeat the command with --allow-command");
  }
  return StartProcessWorld({.command = command,
                            .observation = limits.observation,
                            .start_seconds = limits.start_seconds,
                            .step_seconds = limits.step_seconds,
                            .num_envs = limits.num_envs});
}

const WorldKind kProcessKind = {
    .name = "process",
    .network_preset = "mlp",
    .defaults = DefaultsOf<ProcessWorldOptions>,
    .facts =
        [](const Options& options) {
          return ProcessFacts(options.As<ProcessWorldOptions>().limits, /*starts_programs=*/true);
        },
    .environments = [] { return std::vector<std::string>{}; },
    .environment =
        [](const Options& options) { return NameOf(options.As<ProcessWorldOptions>().command); },
    .load = [](const Options& options, bool may_start) -> std::shared_ptr<const World> {
      const auto& process = options.As<ProcessWorldOptions>();
      return LoadProcess(process.command, process.limits, may_start);
    }};

}  // namespace dne
