// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "apps/dne/command.h"
#include "dne/base/error.h"

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
  AddEvaluateCommand(app);
  AddReplayCommand(app);
  AddGenomeCommand(app);
  AddListCommand(app);
  AddBenchCommand(app);
  AddSignatureCommand(app);
  AddVersionCommand(app);
}

int Main(int argc, char** argv) {
  CLI::App app("dne: deep neuroevolution. Trains deep networks without gradients.", "dne");
  app.footer(kFooter);
  app.require_subcommand(1);
  AddCommands(app);
  try {
    app.parse(argc, argv);
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitOk : kExitUsage;
  } catch (const Exit& exit) {
    return exit.code;
  } catch (const BugError& error) {
    std::fprintf(stderr, "%s\nThis is a bug in dne; please report it with the command you ran.\n",
                 error.what());
    return kExitBug;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr,
                 "error: out of memory: use fewer --threads, a smaller network or fewer "
                 "parents\n");
    return kExitError;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return kExitError;
  }
}

}  // namespace
}  // namespace dne::app

int main(int argc, char** argv) { return dne::app::Main(argc, argv); }
