// SPDX-License-Identifier: MIT
// `dne version`: what this binary is made of, and what that means for who passes it on.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "dne/base/about.h"
#include "dne/base/json_text.h"

namespace dne::app {
namespace {

std::string IsaNames() {
  std::string names;
  for (Isa isa : SupportedIsas()) {
    if (!names.empty()) names += " ";
    names += IsaName(isa);
  }
  return names;
}

constexpr const char* kLicence =
    DNE_ATARI ? "dne is MIT. This binary contains the Arcade Learning Environment (GPL-2.0-only): "
                "use it freely,\nbut to pass a binary on, build one without it "
                "(-DDNE_ATARI=OFF). THIRD_PARTY.md says why."
              : "dne is MIT. This binary contains no GPL part. See THIRD_PARTY.md.";
constexpr const char* kMujocoLicence = DNE_MUJOCO ? "It uses MuJoCo (Apache-2.0).\n" : "";

}  // namespace

void AddVersionCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("version", "Version, build, machine and licence");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "As a JSON object");
  command->footer("Example: dne version --json");
  command->callback([json] {
    if (*json) {
      const nlohmann::json object = {{"version", Version()},
                                     {"build", BuildName()},
                                     {"machine", MachineName()},
                                     {"isa", IsaNames()},
                                     {"math", MathName()},
                                     {"atari", static_cast<bool>(DNE_ATARI)},
                                     {"mujoco", static_cast<bool>(DNE_MUJOCO)},
                                     {"mpi", static_cast<bool>(DNE_MPI)},
                                     {"cuda", static_cast<bool>(DNE_CUDA)},
                                     {"licence", DNE_ATARI ? "GPL-2.0-only" : "MIT"}};
      fmt::print("{}\n", JsonText(object, 2));
      return;
    }
    fmt::print("dne {}\nbuild    {}\nmachine  {}\ncode     {}\nmath     {}\n\n{}\n{}", Version(),
               BuildName(), MachineName(), IsaNames(), MathName(), kLicence, kMujocoLicence);
  });
}

}  // namespace dne::app
