// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <set>

#include "dne/base/error.h"
#include "dne/experiment/bench/report.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

// Advances a little with each look, so what is measured does not depend on the machine.
class FakeClock {
 public:
  explicit FakeClock(double tick) : tick_(tick) {}
  double operator()() { return now_ += tick_; }

 private:
  double tick_;
  double now_ = 0;
};

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
  const std::vector<BenchRow> rows = RowsOf(Tiny());
  for (const char* measure :
       {"decode a child", "emulator, no pictures", "emulator with pictures",
        "share of the pictures", "network, real frames", "network, random frames", "whole episodes",
        "the two parts allow", "achieved of that", "mean episode", "state overhead"}) {
    for (int threads : {1, 2}) {
      SCOPED_TRACE(measure);
      const BenchRow* row = Find(rows, measure, threads);
      ASSERT_NE(row, nullptr);
      EXPECT_LE(row->value.low, row->value.median);
      EXPECT_LE(row->value.median, row->value.high);
      // The pictures' share is a difference, and may be anything in so short a time.
      EXPECT_TRUE(row->value.low > 0 || row->measure == "share of the pictures");
    }
  }
  EXPECT_NE(Find(rows, "generation: ask, collect, select", 1), nullptr);
  EXPECT_NE(Find(rows, "generation: commit to the store", 1), nullptr);
  EXPECT_EQ(rows.size(), 24u);
  EXPECT_LE(Find(rows, "mean episode", 1)->value.median, 10);
}

TEST_F(AtariBenchTest, HoldsOursAgainstTheBetterRunOfThePeer) {
  AtariBenchOptions options = Tiny();
  options.networks = {"uber_large"};
  std::multiset<std::string> asked;
  options.peers = [&](const PeerRequest& peer) {
    asked.insert(peer.kind + " " + peer.game + " " + std::to_string(peer.policies) + " " +
                 std::to_string(peer.threads));
    const bool first = asked.size() <= 2;
    return std::string("version torch 9.9\nfigure network ") + (first ? "2000" : "1000") +
           " steps/s\nfigure playing " + (first ? "3" : "4") + " steps/s\n";
  };
  const std::vector<BenchRow> rows = RowsOf(options);
  EXPECT_EQ(asked, (std::multiset<std::string>{"loop frostbite 1 1", "loop frostbite 1 1",
                                               "vmap frostbite 64 2", "vmap frostbite 64 2"}));
  const BenchRow* peer = Find(rows, "vmap of 64 policies: playing (torch 9.9)", 2);
  const BenchRow* ratio = Find(rows, "ours / vmap of 64 policies: playing", 2);
  ASSERT_TRUE(peer != nullptr && ratio != nullptr);
  EXPECT_EQ(peer->value, (Spread{.median = 4, .low = 3, .high = 4}));
  EXPECT_DOUBLE_EQ(ratio->value.median, Find(rows, "whole episodes", 2)->value.median / 4);
  const BenchRow* network = Find(rows, "ours / loop, one policy: network", 1);
  ASSERT_NE(network, nullptr);
  EXPECT_DOUBLE_EQ(network->value.median,
                   Find(rows, "network, real frames", 1)->value.median / 2000);
}

TEST_F(AtariBenchTest, MistakesSayWhatToDo) {
  AtariBenchOptions options = Tiny();
  options.games = {"frostbit"};
  EXPECT_EQ(MessageOf(options), "unknown Atari game 'frostbit': did you mean 'frostbite'?");
  options = Tiny();
  options.networks = {"uber_smal"};
  EXPECT_NE(MessageOf(options).find("unknown network 'uber_smal'"), std::string::npos);
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

TEST(Peers, FiguresAreFoundAmongOtherWords) {
  const PeerOutput output = ParsePeerOutput(
      "UserWarning: figure it out\n"
      "version torch 2.15.0+cpu\n"
      "version envpool 1.2.5\nversion\n\n"
      "figure network 1379.25 steps/s\r\n"
      "figure playing nan steps/s\n"
      "figure playing -3\n"
      "figure playing many\n"
      "a figure playing 4\n"
      "\xff\xfe figure\n");
  EXPECT_EQ(output.VersionText(), "envpool 1.2.5, torch 2.15.0+cpu");
  EXPECT_EQ(output.Figure("network"), 1379.25);
  try {
    output.Figure("playing");
    FAIL() << "a figure that was not printed";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the peer printed no usable line 'figure playing NUMBER': run "
                 "bench/peers/atari_population.py by hand to see why");
  }
}

TEST(Timing, SpreadIsLeastMedianAndMost) {
  EXPECT_EQ(SpreadOf({3, 1, 2}), (Spread{.median = 2, .low = 1, .high = 3}));
  EXPECT_EQ(SpreadOf({4, 1, 2, 3}), (Spread{.median = 2, .low = 1, .high = 4}));
}

TEST(Timing, RateCountsItemsByTheGivenClock) {
  // A look at the clock every quarter second: before the first piece of work and after each.
  const std::vector<Work> works = {[] { return uint64_t{5}; }};
  const Spread rate = MeasureRate(works, {.clock = FakeClock(0.25), .seconds = 1, .repeats = 2});
  EXPECT_EQ(rate, (Spread{.median = 20, .low = 20, .high = 20}));
  EXPECT_EQ(MillisecondsEach(rate, 2), (Spread{.median = 100, .low = 100, .high = 100}));
}

TEST(Timing, WhatAWorkThrowsComesBack) {
  const std::vector<Work> works = {[] { return uint64_t{1}; },
                                   []() -> uint64_t { throw Error("broken"); }};
  EXPECT_THROW(MeasureRate(works, {.clock = RealClock, .seconds = 0.01, .repeats = 1}), Error);
}

const BenchOrigin kOrigin{.version = "1.2",
                          .build = "g++ 12, Release",
                          .machine = "A \"fast\" one, 2 cores",
                          .isa = "avx512",
                          .clock = "wall clock",
                          .seconds = 3,
                          .repeats = 3};
const BenchRow kRow{.game = "frostbite",
                    .network = "uber_large",
                    .measure = "whole episodes",
                    .threads = 2,
                    .value = {.median = 3200, .low = 3100.5, .high = 3300},
                    .unit = "steps/s"};

TEST(BenchReport, LineHoldsTotalRangeAndRateOfAThread) {
  EXPECT_EQ(BenchTableLine(kRow),
            "frostbite  uber_large        2        3200 steps/s (3100 .. 3300)           1600  "
            "whole episodes\n");
}

TEST(BenchReport, JsonAndCsvHoldOriginAndFigures) {
  const std::string json = BenchJson(kOrigin, {&kRow, 1});
  EXPECT_NE(json.find("\"low\": 3100.5"), std::string::npos) << json;
  EXPECT_NE(json.find("\"isa\": \"avx512\""), std::string::npos) << json;
  EXPECT_EQ(
      BenchCsv(kOrigin, {&kRow, 1}),
      "dne,build,machine,isa,clock,seconds,repeats,game,network,measure,threads,median,low,high,"
      "unit\n"
      "\"1.2\",\"g++ 12, Release\",\"A \"\"fast\"\" one, 2 cores\",avx512,wall clock,3,3,frostbite,"
      "uber_large,\"whole episodes\",2,3200,3100.5,3300,steps/s\n");
}

}  // namespace
}  // namespace dne
