// SPDX-License-Identifier: MIT
#include "dne/envs/process/kind.h"

#include <array>
#include <filesystem>

#include "dne/base/error.h"
#include "dne/config/text.h"
#include "dne/envs/process/process.h"

namespace dne {
namespace {

constexpr std::array<Choice<ObservationType>, 2> kObservations = {
    {{"floats", ObservationType::kFloats}, {"bytes", ObservationType::kBytes}}};

struct ProcessWorldOptions {
  ProcessOptions process = {.command = {}, .start_seconds = 60, .step_seconds = 60};

  void Visit(Fields& fields) {
    fields
        .Add("command", process.command, Words{},
             "the environment's program and its arguments; each thread has a process of its own")
        .Needed("it is what is played in");
    fields.Add(
        "observations", process.observation, kObservations,
        "what the environment gives to be seen: a flat list of floats, or an image of bytes");
    fields.Add("start_seconds", process.start_seconds, Range<double>{0.1, 86'400},
               "the longest that it may take to start");
    fields.Add("step_seconds", process.step_seconds, Range<double>{0.1, 86'400},
               "the longest that a reset or a step may take");
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

[[noreturn]] void ThrowNotAllowed(const std::vector<std::string>& command) {
  throw Error("its experiment starts a program: " + ToToml(command) +
              "; where you trust it, repeat the command with --allow-command");
}

}  // namespace

const WorldKind kProcessKind = {
    .name = "process",
    .network_preset = "mlp",
    .defaults = DefaultsOf<ProcessWorldOptions>,
    .facts =
        [](const Options& options) {
          // What only the program knows counts as there; whoever needs it asks the world.
          return WorldFacts{.observation = options.As<ProcessWorldOptions>().process.observation,
                            .action = ActionType::kContinuous,
                            .behaviour = BehaviourType::kPoint,
                            .can_be_solved = true,
                            .starts_programs = true};
        },
    .environments = [] { return std::vector<std::string>{}; },
    .environment =
        [](const Options& options) {
          return NameOf(options.As<ProcessWorldOptions>().process.command);
        },
    .load = [](const Options& options, bool may_start) -> std::shared_ptr<const World> {
      const ProcessOptions& process = options.As<ProcessWorldOptions>().process;
      if (!may_start) ThrowNotAllowed(process.command);
      return StartProcessWorld(process);
    }};

}  // namespace dne
