// SPDX-License-Identifier: MIT
// The command line: words in, calls below, text out. One file a command; each adds itself to the
// application in its Add...Command and does its work in a callback.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "dne/evaluate/evaluator.h"
#include "dne/plan/task_facts.h"

namespace CLI {
class App;
}

namespace dne::app {

// Exit codes, in docs/cli.md.
constexpr int kExitOk = 0;
constexpr int kExitError = 1;          // dne::Error: the text says what to do
constexpr int kExitUsage = 2;          // the words on the command line
constexpr int kExitBug = 70;           // ours
constexpr int kExitInterrupted = 130;  // Ctrl-C

// --isa, on everything that computes.
struct IsaOption {
  std::string name;  // empty: the fastest

  Isa Resolve() const;
};
void AddIsaOption(CLI::App& command, IsaOption& option);

// --threads and --isa, on what can use more than one thread.
struct ComputeOptions {
  int threads = 0;  // 0: all processors
  IsaOption isa;
  std::string device = "cpu";

  EvaluatorOptions Resolve() const;
};
void AddComputeOptions(CLI::App& command, ComputeOptions& options);
// For commands that play supervised tasks.
void AddDeviceOption(CLI::App& command, ComputeOptions& options);

// --allow-command, of commands that play what a run or a file says it plays.
void AddAllowCommandOption(CLI::App& command, bool& allow);
// " --allow-command" where the task asks for it: what a printed command of that kind ends in.
std::string AllowCommandText(const TaskFacts& task);

// Where networks run, by the option's word; null: on the processor.
std::shared_ptr<gpu::Device> MakeDevice(const std::string& word);

// "1,234,567".
std::string Thousands(double value);
// "1,234" or "1,234.5", and of losses and the like, where what counts lies behind the point,
// "0.123".
std::string ScoreText(double score);
bool IsSmallScore(double score);

// The text as one word of a POSIX shell: as it is where no character of it means anything there,
// else in quotes. Every command that we print for a person to paste is made of these.
std::string ShellWord(std::string_view text);

// While it lives, Ctrl-C and SIGTERM set `watch.cancel`; a second one ends the process.
class InterruptScope {
 public:
  explicit InterruptScope(Watch& watch);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

// Does the work under an InterruptScope; Ctrl-C ends the command.
void Interruptible(const std::function<void(Watch&)>& work);

// Thrown by a command to end with this exit code, all being said.
struct Exit {
  int code;
};

void AddRunCommand(CLI::App& app);
void AddResumeCommand(CLI::App& app);
void AddShowCommand(CLI::App& app);
void AddInspectCommand(CLI::App& app);
void AddEvaluateCommand(CLI::App& app);
void AddReplayCommand(CLI::App& app);
void AddGenomeCommand(CLI::App& app);
void AddCheckEnvCommand(CLI::App& app);
void AddListCommand(CLI::App& app);
void AddBenchCommand(CLI::App& app);
void AddRobustnessCommand(CLI::App& app);
void AddStudyCommand(CLI::App& app);
void AddSignatureCommand(CLI::App& app);
void AddVersionCommand(CLI::App& app);

}  // namespace dne::app
