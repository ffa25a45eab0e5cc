// SPDX-License-Identifier: MIT
#include "dne/bench/bench_es.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "dne/base/error.h"

namespace dne {
namespace {

double RealClock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

EsBenchOptions Tiny() {
  EsBenchOptions options;
  options.small = {.num_parameters = 100, .population_size = 6};
  options.cnn = {.num_parameters = 1000,
                 .population_size = 12,
                 .layers = {{.offset = 5, .inputs = 20, .outputs = 30}}};
  options.large = {.num_parameters = 1000, .population_size = 10};
  options.bodies = {"humanoid_v4"};
  options.max_episode_steps = 10;
  options.threads = {1, 2};
  options.timing.clock = RealClock;
  options.timing.seconds = 0.02;
  options.process_clock = [](int) { return RealClock(); };
  options.memory = [] { return MemoryUse{.now = 20, .peak = 27}; };
  return options;
}

std::vector<BenchRow> RowsOf(const EsBenchOptions& options) {
  std::vector<BenchRow> rows;
  BenchEs(options, [&](const BenchRow& row) { rows.push_back(row); });
  return rows;
}

const BenchRow& Find(const std::vector<BenchRow>& rows, const std::string& environment,
                     const std::string& measure, int threads) {
  const auto found = std::ranges::find_if(rows, [&](const BenchRow& row) {
    return row.environment == environment && row.measure == measure && row.threads == threads;
  });
  if (found == rows.end()) throw std::runtime_error("no row: " + measure);
  return *found;
}

void ExpectSound(const BenchRow& row) {
  EXPECT_LE(row.value.low, row.value.median) << row.measure;
  EXPECT_LE(row.value.median, row.value.high) << row.measure;
  EXPECT_GT(row.value.low, 0) << row.measure;
}

TEST(EsBench, GivesEveryPartOfAGenerationForEveryThreadCount) {
  EsBenchOptions options = Tiny();
  options.bodies.clear();
  const std::vector<BenchRow> rows = RowsOf(options);
  for (const int threads : {1, 2}) {
    const auto value = [&](const std::string& measure) {
      const BenchRow& row = Find(rows, "sphere", measure, threads);
      ExpectSound(row);
      return row.value.low;
    };
    for (const std::string noise : {"", "signs: "}) {
      EXPECT_GT(value(noise + "generation"), value(noise + "its members: perturb, score"));
      EXPECT_GT(value(noise + "its update: gradient, Adam"), 0);
      EXPECT_EQ(value(noise + "memory grown since the start"), 7);
    }
  }
  ExpectSound(Find(rows, "", "update from 10 members", 2));
  for (const std::string noise : {"", "signs: ", "rank 1: ", "rank 4: "}) {
    ExpectSound(Find(rows, "", noise + "update from 12 members", 2));
  }
  ExpectSound(Find(rows, "", "buckets: update from 60 members", 2));
}

TEST(EsBench, HoldsOursAgainstTheBetterRunOfThePeer) {
  EsBenchOptions options = Tiny();
  options.bodies.clear();
  int runs = 0;
  options.peers = [&](const PeerRequest& peer) {
    EXPECT_EQ(peer.script, "es_numpy.py");
    const std::string threads = runs % 2 == 0 ? "1" : "2";
    EXPECT_EQ(peer.words, (std::vector<std::string>{"100", "6", threads, "0.02"}));
    return std::string("version numpy 9.9\nfigure generation ") + (++runs <= 2 ? "30" : "40") +
           " ms\nfigure members 20 ms\nfigure update 10 ms\nfigure memory 120 MB\n";
  };
  const std::vector<BenchRow> rows = RowsOf(options);
  EXPECT_EQ(runs, 4);
  EXPECT_EQ(Find(rows, "sphere", "NumPy: generation (numpy 9.9)", 2).value,
            (Spread{.median = 30, .low = 30, .high = 40}));
  EXPECT_DOUBLE_EQ(Find(rows, "sphere", "NumPy's time / ours: generation", 2).value.median,
                   30 / Find(rows, "sphere", "generation", 2).value.median);
  EXPECT_DOUBLE_EQ(Find(rows, "sphere", "signs: NumPy's time / ours: update", 1).value.median,
                   10 / Find(rows, "sphere", "signs: its update: gradient, Adam", 1).value.median);
  EXPECT_EQ(Find(rows, "sphere", "NumPy: memory grown", 1).value.median, 120);
}

TEST(EsBench, UpdateIsMeasuredByTheClockOfTheProcess) {
  double now = 0;
  const Timing timing{.clock = [&] { return now += 0.5; }};
  EXPECT_EQ(MeasureUpdate({.num_parameters = 50, .population_size = 4}, 1, BestIsa(), timing), 0.5);
}

#ifdef DNE_WITH_MUJOCO
TEST(EsBench, GivesEveryPartOfABodysStep) {
  const std::vector<BenchRow> rows = RowsOf(Tiny());
  for (const int threads : {1, 2}) {
    for (const char* measure :
         {"engine alone", "environment", "network alone", "whole episodes", "environment / engine",
          "whole episodes / engine", "the network's share of a step"}) {
      ExpectSound(Find(rows, "humanoid_v4", measure, threads));
    }
  }
  EXPECT_GT(Find(rows, "humanoid_v4", "mean episode", 1).value.median, 10);
}
#endif

#ifdef DNE_WITH_ATARI
TEST(EsBench, GivesTheSharesOfUpdateAndNormalisationOnAtari) {
  EsBenchOptions options = Tiny();
  options.bodies.clear();
  const std::vector<BenchRow> rows = RowsOf(options);
  for (const int threads : {1, 2}) {
    ExpectSound(Find(rows, "frostbite", "virtual batch normalisation", threads));
    const double share = Find(rows, "frostbite", "its share of an episode", threads).value.median;
    EXPECT_GT(share, 0);
  }
  EXPECT_EQ(Find(rows, "frostbite", "mean episode", 2).value.median, 10);
  const double update = Find(rows, "", "update from 10 members", 2).value.median;
  const double episodes = Find(rows, "frostbite", "10 such episodes", 2).value.median;
  EXPECT_DOUBLE_EQ(Find(rows, "frostbite", "the update's share of both", 2).value.median,
                   100 * update / (update + episodes));
}
#endif

TEST(EsBench, EndsWhereItIsCancelled) {
  EsBenchOptions options = Tiny();
  std::atomic<bool> cancel{false};
  options.timing.cancel = &cancel;
  options.timing.seconds = 3600;
  options.peers = [&](const PeerRequest&) {
    cancel = true;
    return std::string();
  };
  EXPECT_THROW(RowsOf(options), Cancelled);
  options.peers = {};
  EXPECT_THROW(RowsOf(options), Cancelled);
  EXPECT_THROW(MeasureUpdate(options.small, 2, BestIsa(), options.timing), Cancelled);
}

TEST(EsBench, MistakesSayWhatToDo) {
  const auto message_of = [](const EsBenchOptions& options) -> std::string {
    try {
      RowsOf(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EsBenchOptions options = Tiny();
  options.threads = {};
  EXPECT_EQ(message_of(options), "nothing to measure: name at least one thread count");
  options.threads = {0};
  EXPECT_EQ(message_of(options), "threads is 0: set it to 1 to 1024");
  options = Tiny();
  options.timing.seconds = 0;
  EXPECT_EQ(message_of(options), "seconds is 0: set it to more than 0 and at most 3600");
  options = Tiny();
  options.peers = [](const PeerRequest&) { return std::string(); };
  EXPECT_EQ(message_of(options),
            "the peer printed no usable line 'figure generation NUMBER': run "
            "bench/peers/es_numpy.py by hand to see why");
}

}  // namespace
}  // namespace dne
