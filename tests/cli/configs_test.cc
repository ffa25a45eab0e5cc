// SPDX-License-Identifier: MIT
// Every experiment file that comes with dne runs.
#include <algorithm>
#include <fstream>
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
#ifndef DNE_ORACLE_PYTHON  // tests/envs/CMakeLists.txt says so
    if (entry.path().parent_path().filename() == "gymnasium") continue;
#endif
    const bool is_study = entry.path().parent_path().filename() == "studies";
    if (entry.path().extension() == ".toml" && !is_study) files.push_back(entry.path());
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
  if (text.find("first_step_cap") != std::string::npos) {
    values.push_back("algorithm.first_step_cap=" + steps);
  }
  if (text.find("top_directions") != std::string::npos) {
    values.push_back("algorithm.top_directions=1");
  }
  if (text.find("data = ") != std::string::npos) {
    values.insert(values.end(), {"task.data=images", "task.batch_size=2"});
  }
#ifdef DNE_ORACLE_PYTHON
  if (text.find("type = \"gymnasium\"") != std::string::npos) {
    values.emplace_back("task.python=" DNE_ORACLE_PYTHON);
  }
#endif
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

TEST_F(Configs, EachStudyMakesOneTinyIteration) {
  WriteIdxFolder(folder() / "images", {.height = 28, .width = 28, .train = 10, .test = 10});
  int studies = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(DNE_SOURCE_DIR) / "configs/studies")) {
    const std::string file = entry.path().string();
    const std::string name = entry.path().stem().string();
    Words words = {"study", "es-vs-sgd", file, "--json"};
    for (const std::string value : {"algorithm.validation_interval=1", "budget.generations=1",
                                    "task.batch_size=2", "study.correlation_population=2"}) {
      words.insert(words.end(), {"--set", value});
    }
    const std::string text = ReadFile(file);
    if (text.find("data = ") != std::string::npos) {
      words.insert(words.end(), {"--set", "task.data=images"});
    }
    // What a curve sets by itself, an override from outside cannot make tiny.
    std::string tiny =
        std::regex_replace(text, std::regex("population_size=[0-9_]+"), "population_size=2");
    tiny = std::regex_replace(tiny, std::regex("(population_size) = [0-9_]+"), "$1 = 2");
    tiny =
        std::regex_replace(tiny, std::regex("budget.generations=[0-9_]+"), "budget.generations=1");
    words[2] = name + ".toml";
    std::ofstream(folder() / words[2]) << tiny;
    const auto result = nlohmann::json::parse(Ok(words));
    for (const auto& curve : result["curves"]) EXPECT_EQ(curve["looks"].size(), 2u) << name;
    EXPECT_EQ(result["study"], name) << "a study is named as its file";
    EXPECT_NE(text.find("dne study es-vs-sgd configs/studies/" + name + ".toml\n"),
              std::string::npos);
    ++studies;
  }
  EXPECT_GE(studies, 4);
}

}  // namespace
}  // namespace dne::cli
