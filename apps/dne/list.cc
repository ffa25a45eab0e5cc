// SPDX-License-Identifier: MIT
// `dne list`: everything that is built in.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "dne/base/json_text.h"
#include "dne/experiment/builtins.h"
#include "dne/experiment/config.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;

struct Group {
  std::string title;
  std::vector<std::string> names;
};

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

std::vector<std::string> AlgorithmNames() {
  std::vector<std::string> names;
  for (const AlgorithmKind* kind : AlgorithmKinds()) names.emplace_back(kind->name);
  return names;
}

std::vector<Group> Everything(const std::string& configs) {
  std::vector<Group> groups = {{"algorithms", AlgorithmNames()},
                               {"networks", NetworkPresetNames()}};
  for (const TaskKind* kind : TaskKinds()) {
    groups.push_back(
        {fmt::format("environments of task type \"{}\"", kind->name), kind->environments()});
  }
  groups.push_back({"configs", ConfigFiles(configs)});
  return groups;
}

nlohmann::json EverythingAsJson(const std::string& configs) {
  nlohmann::json environments;
  for (const TaskKind* kind : TaskKinds()) environments[kind->name] = kind->environments();
  return {{"algorithms", AlgorithmNames()},
          {"networks", NetworkPresetNames()},
          {"environments", environments},
          {"configs", ConfigFiles(configs)}};
}

void PrintWrapped(const Group& group) {
  fmt::print("{}\n", group.title);
  std::string line = " ";
  for (const std::string& name : group.names) {
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
      app.add_subcommand("list", "List environments, algorithms, networks and experiment files");
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
    if (words->json) {
      fmt::print("{}\n", JsonText(EverythingAsJson(words->configs), 2));
      return;
    }
    for (const Group& group : Everything(words->configs)) PrintWrapped(group);
  });
}

}  // namespace dne::app
