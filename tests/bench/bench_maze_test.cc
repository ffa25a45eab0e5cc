// SPDX-License-Identifier: MIT
#include "dne/bench/bench_maze.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>

#include "dne/base/error.h"

namespace dne {
namespace {

double RealClock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

TEST(MazeBench, MeasuresEveryMazeAloneAndSomeWithNetworks) {
  MazeBenchOptions options{.threads = {1, 2}, .timing = {.clock = RealClock, .seconds = 0.005}};
  std::set<std::string> alone;
  std::set<std::string> played;
  std::map<std::string, double> last;  // by measure
  BenchMaze(options, [&](const BenchRow& row) {
    last[row.measure] = row.value.median;
    EXPECT_EQ(row.network.empty(), row.measure == "maze alone");
    if (row.measure == "share of the network") {
      EXPECT_NEAR(row.value.median, 100 * (1 - last["whole episodes"] / last["maze alone"]), 1e-6);
      return;
    }
    EXPECT_EQ(row.unit, "steps/s");
    EXPECT_GT(row.value.low, 0) << row.measure;
    (row.network.empty() ? alone : played).insert(row.environment);
  });
  EXPECT_EQ(alone, (std::set<std::string>{"first_person_maze", "hard_maze", "image_hard_maze",
                                          "medium_maze", "topdown_maze"}));
  EXPECT_EQ(played, (std::set<std::string>{"hard_maze", "image_hard_maze", "medium_maze"}));
}

TEST(MazeBench, RefusesWhatCannotBeMeasured) {
  EXPECT_THROW(BenchMaze({.threads = {0}, .timing = {.clock = RealClock}}, {}), Error);
}

}  // namespace
}  // namespace dne
