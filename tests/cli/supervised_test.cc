// SPDX-License-Identifier: MIT
// Supervised learning on the command line: what is shown, and data that change.
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"
#include "tests/tasks/idx_folder.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kExperiment = R"(seed = 4
[task]
type = "supervised"
data = "images"
batch_size = 5
[[network.layers]]
type = "dense"
units = 6
[algorithm]
type = "es"
population_size = 10
sigma = 0.05
shared_episodes = "pair"
max_episode_steps = 0
validation_episodes = 1
[budget]
generations = 4
)";

class Supervised : public CliTest {
 protected:
  void SetUp() override {
    WriteFile(folder() / "images.toml", kExperiment);
    WriteData(20);
  }
  void WriteData(uint32_t images) const {
    WriteIdxFolder(folder() / "images", {.height = 6, .width = 5, .train = images, .test = 10});
  }
};

TEST_F(Supervised, ShowsTheAccuracyOfTheTestSet) {
  EXPECT_THAT(Ok("run images.toml --out run"), HasSubstr("accuracy"));
  const auto record = json::parse(Ok("show run --json"))["generations"][3];
  const double accuracy = record["accuracy"];
  EXPECT_EQ(accuracy * 10, std::round(accuracy * 10));
  const auto evaluated = json::parse(Ok("evaluate run --json"));
  EXPECT_NEAR(evaluated["accuracy"], accuracy, 1e-12);
  EXPECT_EQ(evaluated["scores"][0], record["elite_validation"]);
  EXPECT_EQ(evaluated["episodes_run"], 1);
  EXPECT_THAT(Ok("evaluate run"), HasSubstr("  accuracy   "));
  EXPECT_THAT(Ok("show run"), HasSubstr("  accuracy  "));
}

TEST_F(Supervised, CountsImagesAsSteps) {
  Ok("run images.toml --out run");
  const auto record = json::parse(Ok("show run --json"))["generations"][3];
  EXPECT_EQ(record["steps_total"], 3 * 10 * 5 + 4 * 10);
}

TEST_F(Supervised, GoesOnWithTheSameDataOnly) {
  Ok("run images.toml --out run");
  const std::string changed =
      "the run's data have changed: its configuration's folder holds other images or labels than "
      "those it learned from; put the old files back";
  WriteData(21);
  ExpectError(Dne("resume run --set budget.generations=5"), 1, changed);
  ExpectError(Dne("evaluate run"), 1, changed);
  WriteData(20);
  Ok("resume run --set budget.generations=5");
}

TEST_F(Supervised, GoesOnWhereTheSameDataLieElsewhere) {
  Ok("run images.toml --out run --set budget.generations=6");
  const auto expected = Digests("run");
  Ok("run images.toml --out moved");
  fs::rename(folder() / "images", folder() / "elsewhere");
  EXPECT_EQ(Dne("resume moved --set budget.generations=6").exit_code, 1);
  Ok("resume moved --set task.data=elsewhere --set budget.generations=6");
  EXPECT_EQ(Digests("moved"), expected);
}

}  // namespace
}  // namespace dne::cli
