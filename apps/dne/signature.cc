// SPDX-License-Identifier: MIT
// `dne signature`: the fingerprint of this build's behaviour.
#include "dne/experiment/signature.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "apps/dne/command.h"

namespace dne::app {
namespace {

std::string Text(const SignatureLine& line) {
  return line.digest ? fmt::format("{:016x}  {}\n", *line.digest, line.name)
                     : fmt::format("{:16}  {}\n", "left out", line.name);
}

// Of a build that lacks something: its signature is not that of the others.
std::string NoteOfLeftOut(const std::vector<SignatureLine>& lines) {
  const auto left_out =
      std::ranges::count_if(lines, [](const SignatureLine& line) { return !line.digest; });
  if (left_out == 0) return "";
  return fmt::format(
      "dne: {} of the signature's {} parts are left out, so that it can only be compared with "
      "builds like this one: it was built {}. --each names them.\n",
      left_out, lines.size(),
      DNE_ATARI    ? "without MuJoCo"
      : DNE_MUJOCO ? "without Atari"
                   : "without Atari and MuJoCo");
}

}  // namespace

void AddSignatureCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "signature", "Print a fingerprint of what dne computes: equal on every machine");
  auto compute = std::make_shared<ComputeOptions>();
  auto each = std::make_shared<bool>(false);
  AddComputeOptions(*command, *compute);
  command->add_flag("--each", *each, "Then those of its parts, a line each");
  command->footer("Example: dne signature --isa scalar --threads 1");
  command->callback([compute, each] {
    const std::vector<SignatureLine> lines = SignatureLines(compute->Resolve());
    fmt::print("{:016x}\n", Signature(lines));
    if (*each) {
      for (const SignatureLine& line : lines) fmt::print("{}", Text(line));
    }
    fmt::print(stderr, "{}", NoteOfLeftOut(lines));
  });
}

}  // namespace dne::app
