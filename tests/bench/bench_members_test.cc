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

TEST(MembersBench, HoldsGenerationsAgainstThePeers) {
  MembersBenchOptions options = Small();
  options.lanes = {1};
  options.clouds[0].peer_script = "some.py";
  int runs = 0;
  options.peers = [&](const PeerRequest& peer) {
    ++runs;
    EXPECT_EQ(peer.script, "some.py");
    EXPECT_EQ(peer.words, (std::vector<std::string>{"4", "3", "1", "0.001"}));
    return std::string(
        "version jax 1.2\nfigure generation 30 ms\nfigure members 20 ms\nfigure memory 9 MB\n");
  };
  std::map<std::string, double> values;
  BenchMembers(options, [&](const BenchRow& row) { values[row.measure] = row.value.median; });
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(values.at("evosax: generation (jax 1.2)"), 30);
  EXPECT_EQ(values.at("evosax: its members"), 20);
  EXPECT_EQ(values.at("evosax: memory grown"), 9);
  EXPECT_DOUBLE_EQ(values.at("evosax's time / full rank's"),
                   30 / values.at("full rank: generation"));
  EXPECT_DOUBLE_EQ(values.at("evosax's time / rank 4's"), 30 / values.at("rank 4: generation"));
}

TEST(MembersBench, RefusesWhatCannotBeMeasured) {
  MembersBenchOptions options = Small();
  options.threads = {0};
  EXPECT_THROW(BenchMembers(options, {}), Error);
}

}  // namespace
}  // namespace dne
