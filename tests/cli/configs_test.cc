// SPDX-License-Identifier: MIT
// Every experiment file that comes with dne runs.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "tests/cli/cli_test.h"

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

bool IsEs(const std::string& type) { return type.ends_with("es") || type == "pgpe"; }

// So that a generation takes a fraction of a second; of evolution strategies the first generation
// that moves a centre is number 1.
std::vector<std::string> TinyValues(const std::string& text) {
  const std::string type = AlgorithmOf(text);
  const bool is_es = IsEs(type);
  // The reward of a maze comes with its last step.
  const std::string steps = text.find("type = \"maze\"") != std::string::npos ? "400" : "4";
  std::vector<std::string> values = {"algorithm.population_size=2",
                                     "algorithm.validation_episodes=1",
                                     "algorithm.test_episodes=1",
                                     "algorithm.max_episode_steps=" + steps,
                                     "algorithm.test_max_episode_steps=" + steps,
                                     is_es ? "budget.generations=2" : "budget.generations=1"};
  if (!is_es) values.push_back("algorithm.num_candidates=2");
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
  return values;
}

TEST_F(Configs, EachRunsOneTinyGeneration) {
  const std::vector<fs::path> files = ExperimentFiles();
  EXPECT_GE(files.size(), 85u);
  std::set<std::string> algorithms;
  for (const fs::path& file : files) {
    const std::string text = ReadFile(file);
    const std::string name = file.stem().string();
    const std::string type = AlgorithmOf(text);
    algorithms.insert(type);
    Words words = {"run", file.string(), "--out", name, "--log", "json"};
    for (const std::string& value : TinyValues(text)) words.insert(words.end(), {"--set", value});
    EXPECT_THAT(Ok(words),
                testing::HasSubstr(IsEs(type) ? "\"generation\":1" : "\"generation\":0"));
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
