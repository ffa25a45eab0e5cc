// SPDX-License-Identifier: MIT
#include "dne/bench/bench_maze.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

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
  BenchMaze(options, [&](const BenchRow& row) {
    EXPECT_GT(row.value.high, 0) << row.measure;
    EXPECT_EQ(row.network.empty(), row.measure == "maze alone");
    if (row.measure == "maze alone") alone.insert(row.environment);
    if (row.measure == "whole episodes") played.insert(row.environment);
    if (row.measure == "share of the network") {
      EXPECT_LE(row.value.median, 100);
    } else {
      EXPECT_EQ(row.unit, "steps/s");
    }
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
