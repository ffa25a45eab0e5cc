// SPDX-License-Identifier: MIT
#include "dne/bench/bench_atari.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <set>

#include "dne/base/error.h"
#include "dne/envs/atari/atari.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

double RealClock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class AtariBenchTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(scratch_);
    fs::create_directories(scratch_);
  }
  void TearDown() override { fs::remove_all(scratch_); }

  AtariBenchOptions Tiny() const {
    AtariBenchOptions options;
    options.games = {"frostbite"};
    options.networks = {"uber_small"};
    options.threads = {1, 2};
    options.max_episode_steps = 10;
    options.timing.clock = options.wall = RealClock;
    options.timing.seconds = 0.02;
    options.scratch = scratch_;
    return options;
  }

  static std::string MessageOf(const AtariBenchOptions& options) {
    try {
      BenchAtari(options, [](const BenchRow&) {});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

 private:
  fs::path scratch_ =
      fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

std::vector<BenchRow> RowsOf(const AtariBenchOptions& options) {
  std::vector<BenchRow> rows;
  BenchAtari(options, [&](const BenchRow& row) { rows.push_back(row); });
  return rows;
}

const BenchRow* Find(const std::vector<BenchRow>& rows, const std::string& measure, int threads) {
  for (const BenchRow& row : rows) {
    if (row.measure == measure && row.threads == threads) return &row;
  }
  return nullptr;
}

TEST_F(AtariBenchTest, GivesEveryFigureForEveryThreadCount) {
  AtariBenchOptions options = Tiny();
  options.networks = {"uber_small:float16"};
  const std::vector<BenchRow> rows = RowsOf(options);
  for (const char* measure :
       {"decode a child", "emulator alone", "emulator with observations",
        "share of the observations", "emulator, played frames", "network, played frames",
        "network, random frames", "whole episodes", "the two parts allow", "achieved of that",
        "mean episode", "state overhead"}) {
    for (int threads : {1, 2}) {
      SCOPED_TRACE(measure);
      const BenchRow* row = Find(rows, measure, threads);
      ASSERT_NE(row, nullptr);
      EXPECT_LE(row->value.low, row->value.median);
      EXPECT_LE(row->value.median, row->value.high);
      // The observations' share is a difference, and may be anything in so short a time.
      EXPECT_TRUE(row->value.low > 0 || row->measure == "share of the observations");
    }
  }
  EXPECT_NE(Find(rows, "generation: ask, collect, select", 1), nullptr);
  EXPECT_NE(Find(rows, "generation: commit to the store", 1), nullptr);
  EXPECT_EQ(rows.size(), 26u);
  EXPECT_LE(Find(rows, "mean episode", 1)->value.median, 10);
}

TEST_F(AtariBenchTest, HoldsOursAgainstTheBetterRunOfThePeer) {
  AtariBenchOptions options = Tiny();
  options.networks = {"uber_large"};
  std::multiset<std::string> asked;
  options.peers = [&](const PeerRequest& peer) {
    EXPECT_EQ(peer.words.size(), 5u);
    asked.insert(fmt::format("{} {} {} {} {}", peer.script, peer.words[0], peer.words[1],
                             peer.words[2], peer.words[3]));
    if (peer.script == "atari_emulator.py") {
      return std::string("version ale_py 9.9\nfigure emulator 5 steps/s\n");
    }
    const bool first = asked.size() <= 6;
    return std::string("version torch 9.9\nfigure network ") + (first ? "2000" : "1000") +
           " steps/s\nfigure playing " + (first ? "3" : "4") + " steps/s\n";
  };
  const std::vector<BenchRow> rows = RowsOf(options);
  std::multiset<std::string> twice;
  for (const char* peer :
       {"atari_emulator.py envpool frostbite 32 1", "atari_emulator.py envpool frostbite 32 2",
        "atari_emulator.py ale frostbite 32 1", "atari_emulator.py ale frostbite 32 2",
        "atari_population.py loop frostbite 1 1", "atari_population.py vmap frostbite 64 2"}) {
    twice.insert({peer, peer});
  }
  EXPECT_EQ(asked, twice);
  const BenchRow* peer = Find(rows, "vmap of 64 policies: playing (torch 9.9)", 2);
  const BenchRow* ratio = Find(rows, "ours / vmap of 64 policies: playing", 2);
  ASSERT_TRUE(peer != nullptr && ratio != nullptr);
  EXPECT_EQ(peer->value, (Spread{.median = 4, .low = 3, .high = 4}));
  EXPECT_DOUBLE_EQ(ratio->value.median, Find(rows, "whole episodes", 2)->value.median / 4);
  const BenchRow* network = Find(rows, "ours / loop, one policy: network", 1);
  ASSERT_NE(network, nullptr);
  EXPECT_DOUBLE_EQ(network->value.median,
                   Find(rows, "network, played frames", 1)->value.median / 2000);
  const BenchRow* emulator = Find(rows, "ours / ALE's vector environment: emulator", 2);
  ASSERT_NE(emulator, nullptr);
  EXPECT_DOUBLE_EQ(emulator->value.median,
                   Find(rows, "emulator with observations", 2)->value.median / 5);
}

TEST_F(AtariBenchTest, OfNoNetworkHoldsTheEmulatorAloneAgainstPeers) {
  AtariBenchOptions options = Tiny();
  options.networks = {"none"};
  options.peers = [](const PeerRequest& peer) {
    EXPECT_EQ(peer.script, "atari_emulator.py");
    return std::string("figure emulator 5 steps/s\n");
  };
  EXPECT_NE(Find(RowsOf(options), "ours / EnvPool: emulator", 1), nullptr);
}

TEST_F(AtariBenchTest, OfNoNetworkGivesTheEmulatorOfEveryGame) {
  AtariBenchOptions options = Tiny();
  options.games = {"all"};
  options.networks = {"none"};
  options.threads = {1};
  options.timing.seconds = 1e-6;
  std::set<std::string> games;
  for (const BenchRow& row : RowsOf(options)) {
    EXPECT_EQ(row.network, "");
    if (row.measure == "emulator with observations") games.insert(row.environment);
  }
  EXPECT_THAT(games, testing::ElementsAreArray(AtariGameNames()));
}

TEST_F(AtariBenchTest, EndsWhereItIsCancelled) {
  AtariBenchOptions options = Tiny();
  std::atomic<bool> cancel{false};
  options.timing.cancel = &cancel;
  options.timing.seconds = 3600;
  EXPECT_THROW(BenchAtari(options, [&](const BenchRow&) { cancel = true; }), Cancelled);
}

TEST_F(AtariBenchTest, MistakesSayWhatToDo) {
  AtariBenchOptions options = Tiny();
  options.games = {"frostbit"};
  EXPECT_EQ(MessageOf(options), "unknown Atari game 'frostbit': did you mean 'frostbite'?");
  options = Tiny();
  options.networks = {"uber_smal"};
  EXPECT_NE(MessageOf(options).find("unknown network 'uber_smal'"), std::string::npos);
  options = Tiny();
  options.networks = {"uber_small:float8"};
  EXPECT_EQ(MessageOf(options),
            "networks: uber_small:float8 is no preset, nor one with :float16 behind it");
  options = Tiny();
  options.threads = {1, 0};
  EXPECT_EQ(MessageOf(options), "threads is 0: set it to 1 to 1024");
  options = Tiny();
  options.timing.seconds = 0;
  EXPECT_EQ(MessageOf(options), "seconds is 0: set it to more than 0 and at most 3600");
  options = Tiny();
  options.games.clear();
  EXPECT_EQ(MessageOf(options),
            "nothing to measure: name at least one game, one network and one thread count");
  options = Tiny();
  options.peers = [](const PeerRequest&) { return std::string(); };
  EXPECT_EQ(MessageOf(options), "the peers run uber_large: add it to the networks");
}

}  // namespace
}  // namespace dne
