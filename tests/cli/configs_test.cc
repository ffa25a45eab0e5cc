// SPDX-License-Identifier: MIT
// Every experiment file that comes with dne runs.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "tests/cli/cli_test.h"
#include "tests/tasks/idx_folder.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;

class Configs : public CliTest {};

std::vector<fs::path> ExperimentFiles() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(DNE_SOURCE_DIR) / "configs")) {
#ifndef DNE_WITH_MUJOCO
    if (entry.path().parent_path().filename() == "mujoco") continue;
#endif
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string AlgorithmOf(const std::string& text) {
  std::smatch match;
  const bool found =
      std::regex_search(text, match, std::regex("\\[algorithm\\][^\\[]*\\ntype = \"([a-z_]+)\""));
  return found ? match[1].str() : "none";
}

bool IsSteady(const std::string& type) { return type == "steady_state_ga"; }

// Whether generation 1 is the first that moves a centre, or mutates.
bool NeedsTwo(const std::string& type) {
  return type.ends_with("es") || type == "pgpe" || IsSteady(type);
}

// So that a generation takes a fraction of a second.
std::vector<std::string> TinyValues(const std::string& text) {
  const std::string type = AlgorithmOf(text);
  // The reward of a maze comes with its last step.
  const std::string steps = text.find("type = \"maze\"") != std::string::npos ? "400" : "4";
  std::vector<std::string> values = {
      "algorithm.population_size=2",
      "algorithm.validation_episodes=1",
      "algorithm.test_episodes=1",
      "algorithm.max_episode_steps=" + steps,
      "algorithm.test_max_episode_steps=" + steps,
      NeedsTwo(type) ? "budget.generations=2" : "budget.generations=1"};
  if (!NeedsTwo(type)) values.push_back("algorithm.num_candidates=2");
  if (IsSteady(type)) values.push_back("algorithm.num_children=2");
  if (type.starts_with("ga")) values.push_back("algorithm.num_parents=1");
  if (text.find("meta_population") != std::string::npos) {
    values.push_back("algorithm.meta_population=1");
  }
  if (text.find("generation_steps") != std::string::npos) {
    values.push_back("algorithm.generation_steps=5");
  }
  if (text.find("top_directions") != std::string::npos) {
    values.push_back("algorithm.top_directions=1");
  }
  if (text.find("data = ") != std::string::npos) {
    values.insert(values.end(), {"task.data=images", "task.batch_size=2"});
  }
  return values;
}

TEST_F(Configs, EachRunsOneTinyGeneration) {
  const std::vector<fs::path> files = ExperimentFiles();
  EXPECT_GE(files.size(), 98u);
  std::set<std::string> algorithms;
  WriteIdxFolder(folder() / "images", {.height = 28, .width = 28, .train = 10, .test = 10});
  for (const fs::path& file : files) {
    const std::string text = ReadFile(file);
    const std::string name = file.stem().string();
    const std::string type = AlgorithmOf(text);
    algorithms.insert(type);
    Words words = {"run", file.string(), "--out", name, "--log", "json"};
    for (const std::string& value : TinyValues(text)) words.insert(words.end(), {"--set", value});
    EXPECT_THAT(Ok(words),
                testing::HasSubstr(NeedsTwo(type) ? "\"generation\":1" : "\"generation\":0"));
    EXPECT_NE(text.find("\nname = \"" + name + "\"\n"), std::string::npos)
        << "an experiment is named as its file";
    fs::remove_all(folder() / name);
  }
  const auto list = nlohmann::json::parse(Ok("list --json"));
  for (const std::string type : list["algorithms"]) {
    EXPECT_TRUE(algorithms.contains(type)) << type << " has no experiment file";
  }
}

}  // namespace
}  // namespace dne::cli
