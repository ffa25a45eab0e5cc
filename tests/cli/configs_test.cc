// SPDX-License-Identifier: MIT
// Every experiment file that comes with dne runs.
#include <algorithm>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;

class Configs : public CliTest {};

std::vector<fs::path> ExperimentFiles() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(DNE_SOURCE_DIR) / "configs")) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

TEST_F(Configs, EachRunsOneTinyGeneration) {
  const std::vector<fs::path> files = ExperimentFiles();
  EXPECT_GE(files.size(), 28u);
  for (const fs::path& file : files) {
    std::vector<std::string> values = {"algorithm.population_size=2",
                                       "algorithm.num_candidates=1",
                                       "algorithm.validation_episodes=1",
                                       "algorithm.test_episodes=1",
                                       "algorithm.max_episode_steps=4",
                                       "algorithm.test_max_episode_steps=4",
                                       "budget.generations=1"};
    const bool random_search = ReadFile(file).find("\"random_search\"") != std::string::npos;
    if (!random_search) values.push_back("algorithm.num_parents=1");
    Words words = {"run", file.string(), "--out", file.stem().string(), "--log", "json"};
    for (const std::string& value : values) words.insert(words.end(), {"--set", value});
    EXPECT_THAT(Ok(words), testing::HasSubstr("\"generation\":0"));
    EXPECT_NE(
        Ok({"show", file.stem().string(), "--config"}).find("name = \"" + file.stem().string()),
        std::string::npos)
        << "an experiment is named as its file";
  }
}

}  // namespace
}  // namespace dne::cli
