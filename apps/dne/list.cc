// SPDX-License-Identifier: MIT
// `dne list`: everything that is built in.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "dne/base/json_text.h"
#include "dne/experiment/config.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;

using Group = std::pair<std::string, std::vector<std::string>>;

// The experiment files below `dir`; none where it is not there.
std::vector<std::string> ConfigFiles(const fs::path& dir) {
  std::vector<std::string> files;
  if (!fs::is_directory(dir)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<Group> Everything(const std::string& configs) {
  return {{"algorithms", AlgorithmNames()},
          {"networks", NetworkPresetNames()},
          {"games", AtariGameNames()},
          {"bodies", MujocoBodyNames()},
          {"configs", ConfigFiles(configs)}};
}

void PrintWrapped(const Group& group) {
  fmt::print("{}\n", group.first);
  std::string line = " ";
  for (const std::string& name : group.second) {
    if (line.size() + name.size() > 98) {
      fmt::print("{}\n", line);
      line = " ";
    }
    line += " " + name;
  }
  fmt::print("{}\n\n", line);
}

}  // namespace

void AddListCommand(CLI::App& app) {
  struct Words {
    std::string configs = "configs";
    bool json = false;
    bool reference = false;
  };
  CLI::App* command =
      app.add_subcommand("list", "List games, bodies, algorithms, networks and experiment files");
  auto words = std::make_shared<Words>();
  command->add_option("--configs", words->configs, "Folder of experiment files")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  command->add_flag("--json", words->json, "As a JSON object");
  command->add_flag("--configuration-reference", words->reference,
                    "Every key of an experiment file, as Markdown");
  command->footer("Example: dne list --json");
  command->callback([words] {
    if (words->reference) {
      fmt::print("{}", ConfigReference());
      return;
    }
    const std::vector<Group> groups = Everything(words->configs);
    if (words->json) {
      fmt::print("{}\n", JsonText(nlohmann::json(std::map(groups.begin(), groups.end())), 2));
      return;
    }
    for (const Group& group : groups) PrintWrapped(group);
  });
}

}  // namespace dne::app
