// SPDX-License-Identifier: MIT
#include "dne/bench/bench_members.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>

#include "dne/base/error.h"

namespace dne {
namespace {

double RealClock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

MembersBenchOptions Small() {
  MembersBenchOptions options;
  options.clouds = {{.name = "small",
                     .network = {.hidden = {{.units = 5}}},
                     .batch_size = 3,
                     .population_size = 4}};
  options.network = "uber_small";
  options.lanes = {1, 3};
  options.timing = {.clock = RealClock, .seconds = 0.001, .repeats = 1};
  options.process_clock = [](int) { return RealClock(); };
  options.memory = [] { return MemoryUse{.now = 5, .peak = 7}; };
  return options;
}

TEST(MembersBench, ComparesEveryRankWithFullRank) {
  std::map<std::string, int> units;
  std::map<std::string, double> values;
  BenchMembers(Small(), [&](const BenchRow& row) {
    ++units[row.environment.empty() ? row.unit : "of a game: " + row.unit];
    values[row.measure] = row.value.median;
    EXPECT_GT(row.value.low, 0) << row.measure;
  });
  std::map<std::string, int> expected = {{"ms", 9}, {"%", 3}, {"MB", 3}, {"x", 2}};
#ifdef DNE_WITH_ATARI
  expected["of a game: us"] = 6;
  expected["of a game: x"] = 4;
#endif
  EXPECT_EQ(units, expected);
  EXPECT_EQ(values["rank 4: memory grown since the start"], 2);
  EXPECT_DOUBLE_EQ(values["full rank's time / rank 4's"],
                   values["full rank: generation"] / values["rank 4: generation"]);
}

TEST(MembersBench, RefusesWhatCannotBeMeasured) {
  MembersBenchOptions options = Small();
  options.threads = {0};
  EXPECT_THROW(BenchMembers(options, {}), Error);
}

}  // namespace
}  // namespace dne
