// SPDX-License-Identifier: MIT
// `dne signature`: the fingerprint of this build's behaviour.
#include "dne/experiment/signature.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/dne/command.h"

namespace dne::app {

void AddSignatureCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "signature", "Print a fingerprint of what dne computes: equal on every machine");
  auto compute = std::make_shared<ComputeOptions>();
  AddComputeOptions(*command, *compute);
  command->footer("Example: dne signature --isa scalar --threads 1");
  command->callback([compute] { fmt::print("{:016x}\n", Signature(compute->Resolve())); });
}

}  // namespace dne::app
