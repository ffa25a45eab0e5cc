// SPDX-License-Identifier: MIT
// MAP-Elites on the command line: the archive is shown and written, and any cell is played again.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/cli_test.h"

namespace dne::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kMaze = R"(seed = 3
[task]
type = "maze"
[[network.layers]]
type = "dense"
units = 5
activation = "tanh"
[algorithm]
type = "map_elites"
population_size = 20
sigma = 0.5
max_episode_steps = 400
[archive]
qd_offset = -300
[[archive.axes]]
name = "x"
coordinate = 0
lower = 0
upper = 200
cells = 20
[[archive.axes]]
name = "y"
coordinate = 1
lower = 0
upper = 200
cells = 25
[budget]
generations = 6
)";

class MapElites : public CliTest {
 protected:
  MapElites() {
    WriteFile(folder() / "maze.toml", kMaze);
    WriteFile(folder() / "game.toml", TinyMapElitesExperiment());
  }

  // Lines of an archive, their columns apart, the first line left out.
  std::vector<std::vector<std::string>> Csv(const std::string& run) const {
    Ok("show " + run + " --csv archive.csv");
    std::istringstream lines(ReadFile(folder() / "archive.csv"));
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream columns(line);
      rows.emplace_back();
      for (std::string column; std::getline(columns, column, ',');) rows.back().push_back(column);
    }
    rows.erase(rows.begin());
    return rows;
  }
  json LastGeneration(const std::string& run) const {
    return json::parse(Ok("show " + run + " --json"))["generations"].back();
  }
};

TEST_F(MapElites, TellsOfItsArchive) {
  const std::string out = Ok("run maze.toml --out run");
  const json last = LastGeneration("run");
  EXPECT_THAT(out, HasSubstr(fmt::format("coverage {:>6.2f} %", 100 * double{last["coverage"]})));
  EXPECT_THAT(out,
              HasSubstr(fmt::format("{} elites in {:.2f} % of the cells", int{last["archive_size"]},
                                    100 * double{last["coverage"]})));
  EXPECT_THAT(out, HasSubstr("QD score"));
  EXPECT_THAT(Ok("show run"), HasSubstr("QD score"));
}

TEST_F(MapElites, EachCellIsPlayedAgain) {
  Ok("run maze.toml --out run");
  const auto rows = Csv("run");
  EXPECT_EQ(static_cast<int>(rows.size()), int{LastGeneration("run")["archive_size"]});
  ASSERT_GT(rows.size(), 8u);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 6u);  // x_cell, y_cell, fitness, x, y, individual
    EXPECT_EQ(std::stoi(row[0]), static_cast<int>(std::stod(row[3]) / 10));
    EXPECT_EQ(std::stoi(row[1]), static_cast<int>(std::stod(row[4]) / 8));
    const std::string individual = "run --individual " + row[5];
    const json replay = json::parse(Ok("replay " + individual + " --json"));
    EXPECT_EQ(double{replay["score"]}, std::stod(row[2]));
    EXPECT_THAT(Ok("replay " + individual), HasSubstr("matches the recorded episode"));
    EXPECT_EQ(json::parse(Ok("genome " + individual + " --json"))["lineage"].back()["individual"],
              row[5]);
  }
}

TEST_F(MapElites, ElitesOfAGameAreToldByBytesOfItsRam) {
  Ok("run game.toml --out run");
  const auto rows = Csv("run");
  EXPECT_EQ(static_cast<int>(rows.size()), int{LastGeneration("run")["archive_size"]});
  for (const auto& row : rows) {
    EXPECT_EQ(std::stoi(row[0]), static_cast<int>(std::stod(row[3]) / 4));
    EXPECT_EQ(std::stoi(row[1]), static_cast<int>(std::stod(row[4]) / 16));
  }
}

TEST_F(MapElites, FilmsOfOneIndividualAreEqualByteForByte) {
  if (!HasFfmpeg()) GTEST_SKIP() << "needs ffmpeg";
  Ok("run game.toml --out run");
  Ok("run game.toml --out again --threads 1");
  const std::string individual = Csv("run").back()[5];
  Ok("replay run --individual " + individual + " --video one.mp4");
  Ok("replay run --individual " + individual + " --video two.mp4");
  Ok("replay again --individual " + individual + " --video three.mp4");
  const std::string film = ReadFile(folder() / "one.mp4");
  EXPECT_GT(film.size(), 1000u);
  EXPECT_EQ(ReadFile(folder() / "two.mp4"), film);
  EXPECT_EQ(ReadFile(folder() / "three.mp4"), film);
}

TEST_F(MapElites, GoesOnWithTheArchiveThatItHad) {
  Ok("run maze.toml --out whole");
  Ok("run maze.toml --out parts --set budget.generations=2");
  Ok("resume parts --set budget.generations=3");
  Ok("resume parts --set budget.generations=6 --threads 1");
  EXPECT_EQ(Digests("parts"), Digests("whole"));
  EXPECT_EQ(Csv("parts"), Csv("whole"));
}

TEST_F(MapElites, MistakesAreTold) {
  ExpectError(Dne("run maze.toml --out run --set archive.axes=[{name=\"z\",coordinate=2,lower=0,"
                  "upper=1,cells=2}]"),
              1,
              "the archive's axis z is coordinate 2, but behaviours here have 2: give one below "
              "that");
  MakeRun();
  ExpectError(Dne("show run --csv archive.csv"), 1,
              "--csv: algorithm.type is \"ga\", which has no archive: leave it out");
  Ok("run maze.toml --out maze");
  ExpectError(Dne("show maze maze --csv archive.csv"), 1, "--csv shows one run, got 2: name one");
}

// Axes of the file lose their use by the choice on the command line.
TEST_F(MapElites, AnotherAlgorithmOnTheCommandLineLeavesTheArchiveOut) {
  EXPECT_THAT(Ok("run maze.toml --out run --set algorithm.type=random_search --set "
                 "algorithm.num_candidates=2 --set algorithm.test_episodes=0"),
              Not(HasSubstr("coverage")));
}

}  // namespace
}  // namespace dne::cli
