// SPDX-License-Identifier: MIT
// Mazes on the command line: a run until it is solved, its pictures, its replay.
#include <nlohmann/json.hpp>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

// A goal that is 30 ahead, with walls on both sides: a few generations find it.
constexpr const char* kExperiment = R"(seed = 1
[task]
type = "maze"
environment = "custom_maze"
maze = "corridor.txt"
solved_at = "any_step"
[[network.layers]]
type = "dense"
units = 4
activation = "tanh"
[algorithm]
type = "ga"
population_size = 6
num_parents = 2
num_candidates = 2
validation_episodes = 1
test_episodes = 0
sigma = 0.5
max_episode_steps = 60
[budget]
generations = 100
until_solved = true
)";
constexpr const char* kCorridor = "0\n60\n2\n40 40\n0\n70 40\n70 40\n20 20 120 20\n20 60 120 60\n";

class Maze : public CliTest {
 protected:
  Maze() {
    WriteFile(folder() / "maze.toml", kExperiment);
    WriteFile(folder() / "corridor.txt", kCorridor);
  }
};

TEST_F(Maze, ARunEndsWithTheFirstGenerationThatSolvesItAndNamesWhoDid) {
  const std::string out = Ok("run maze.toml --out run");
  EXPECT_THAT(out, HasSubstr("Ended: budget.until_solved is reached."));
  EXPECT_THAT(out, testing::ContainsRegex("solved +by individual [0-9]+\\.[0-9] after [0-9]+ "
                                          "evaluations"));
  const json story = json::parse(Ok("show run --json"));
  const json& generations = story["generations"];
  for (size_t i = 0; i + 1 < generations.size(); ++i) {
    EXPECT_FALSE(generations[i].contains("solved"));
  }
  EXPECT_GE(generations.back()["solved"], 1);
  const double evaluations = generations.back()["evaluations_until_solved"];
  EXPECT_GT(evaluations, 6.0 * (static_cast<double>(generations.size()) - 1));
  EXPECT_LE(evaluations, 6.0 * static_cast<double>(generations.size()));

  // The command that is printed for it.
  const size_t hint = out.find("dne replay run --individual ");
  ASSERT_NE(hint, std::string::npos);
  const std::string command = out.substr(hint + 4, out.find('\n', hint) - hint - 4);
  const std::string replay = Ok(command);
  EXPECT_THAT(replay, AllOf(HasSubstr("ended by   reaching the goal"),
                            HasSubstr("matches the recorded episode")));
  EXPECT_TRUE(json::parse(Ok(command + " --json"))["solved"]);
}

TEST_F(Maze, ARunNeedsItsFileNoMore) {
  Ok("run maze.toml --out run");
  fs::remove(folder() / "corridor.txt");
  Ok("resume run --set budget.generations=102 --set budget.until_solved=false");
  EXPECT_THAT(Ok("replay run"), HasSubstr("matches the recorded episode"));
}

TEST_F(Maze, IsSeenFromAbove) {
  Ok("run maze.toml --out run");
  EXPECT_EQ(Ok("show run --svg run.svg"), "Wrote run.svg\n");
  const std::string svg = ReadFile(folder() / "run.svg");
  EXPECT_THAT(svg, AllOf(StartsWith("<svg"), HasSubstr("stroke=\"red\""), HasSubstr("limegreen")));
  Ok("show run --html run.html");
  EXPECT_THAT(ReadFile(folder() / "run.html"), HasSubstr("champion"));
  ExpectError(Dne("show run run --svg two.svg"), 1, "--svg shows one run, got 2: name one");
}

TEST_F(Maze, OnlyPlacesAreDrawn) {
  MakeRun();
  ExpectError(Dne("show run --svg run.svg"), 1,
              "--svg: behaviours of frostbite are no places on a floor: leave it out");
}

TEST_F(Maze, IsFilmed) {
  if (!HasFfmpeg()) GTEST_SKIP() << "needs ffmpeg";
  Ok("run maze.toml --out run");
  Ok("replay run --video run.gif");
  EXPECT_GT(fs::file_size(folder() / "run.gif"), 1000u);
}

}  // namespace
}  // namespace dne::cli
