// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "apps/dne/command.h"
#include "apps/dne/ranks.h"
#include "dne/base/error.h"
#include "dne/base/nearest.h"

namespace dne::app {
namespace {

constexpr const char* kFooter = R"(Examples:
  dne run configs/atari/frostbite-demo.toml
  dne run configs/atari/frostbite-ga.toml --out runs/frostbite --seed 3
  dne resume runs/frostbite
  dne show runs/frostbite
  dne replay runs/frostbite --video champion.mp4

Exit codes: 0 done, 1 an error (its text says what to do), 2 wrong words on the command line,
70 a bug in dne, 130 interrupted.)";

void AddCommands(CLI::App& app) {
  AddRunCommand(app);
  AddResumeCommand(app);
  AddShowCommand(app);
  AddInspectCommand(app);
  AddEvaluateCommand(app);
  AddReplayCommand(app);
  AddGenomeCommand(app);
  AddRobustnessCommand(app);
  AddStudyCommand(app);
  AddCheckEnvCommand(app);
  AddListCommand(app);
  AddBenchCommand(app);
  AddSignatureCommand(app);
  AddVersionCommand(app);
}

// "dne run": the innermost command that the words name.
const CLI::App& CommandMeant(const CLI::App& app) {
  const auto inner = app.get_subcommands();
  return inner.empty() ? app : CommandMeant(*inner.front());
}

std::string FullName(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return (parent == nullptr ? "" : FullName(*parent) + " ") + command.get_name();
}

std::vector<std::string> CommandNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* inner : command.get_subcommands({})) names.push_back(inner->get_name());
  return names;
}

std::vector<std::string> OptionNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// What is wrong with the words.
std::string Mistake(const CLI::App& command, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = command.remaining();
  if (!unknown.empty() && unknown.front().starts_with("--")) {
    return UnknownName("option", unknown.front(), OptionNames(command));
  }
  const std::vector<std::string> commands = CommandNames(command);
  if (commands.empty()) return error.what();
  if (unknown.empty()) return fmt::format("name a command: {}", fmt::join(commands, ", "));
  return UnknownName("command", unknown.front(), commands);
}

void ExplainUsage(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = CommandMeant(app);
  const std::string footer = command.get_footer();
  fmt::print(stderr, "error: {}\n{}Help: {} --help\n", Mistake(command, error),
             footer.starts_with("Example: ") ? footer + "\n" : "", FullName(command));
}

// Whatever was printed stands before the error, and has really been written.
void FlushOutput() {
  if (std::fflush(stdout) != 0) throw Error("cannot write to standard output: is its disk full?");
}

int Main(int argc, char** argv) {
  CLI::App app("dne: deep neuroevolution. Trains deep networks without gradients.", "dne");
  app.require_subcommand(1);
  AddCommands(app);
  app.footer(kFooter);  // last, so that no command inherits it
  try {
    app.parse(argc, argv);
    FlushOutput();
    return kExitOk;
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    ExplainUsage(app, error);
    return kExitUsage;
  } catch (const Exit& exit) {
    return exit.code;
  } catch (const BugError& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s\nThis is a bug in dne; please report it with the command you ran.\n",
                 error.what());
    return kExitBug;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr,
                 "error: out of memory: use fewer --threads, a smaller network or fewer "
                 "parents\n");
    return kExitError;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "error: %s\n", error.what());
    return kExitError;
  }
}

}  // namespace
}  // namespace dne::app

int main(int argc, char** argv) {
  return dne::app::OnRankZero([&] { return dne::app::Main(argc, argv); });
}
