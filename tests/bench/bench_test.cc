// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>

#include "dne/base/error.h"
#include "dne/bench/peers.h"
#include "dne/bench/report.h"
#include "dne/bench/timing.h"

namespace dne {
namespace {

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

TEST(Peers, FiguresAreFoundAmongOtherWords) {
  const PeerOutput output = ParsePeerOutput("some.py",
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
                 "bench/peers/some.py by hand to see why");
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
  EXPECT_EQ(MicrosecondsEach({.median = 4, .low = 2, .high = 5}, 1),
            (Spread{.median = 2.5e5, .low = 2e5, .high = 5e5}));
}

TEST(Timing, EndsAtOnceWhereItIsCancelled) {
  std::atomic<bool> cancel{false};
  int items = 0;
  const std::vector<Work> works = {[&] {
    if (++items == 3) cancel = true;
    return uint64_t{1};
  }};
  EXPECT_THROW(
      MeasureRate(works,
                  {.clock = FakeClock(0.25), .seconds = 1e9, .repeats = 1, .cancel = &cancel}),
      Cancelled);
  EXPECT_EQ(items, 3);
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
                          .note = "a step is 4 frames",
                          .seconds = 3,
                          .repeats = 3};
const BenchRow kRow{.environment = "frostbite",
                    .network = "uber_large",
                    .measure = "whole episodes",
                    .threads = 2,
                    .value = {.median = 3200, .low = 3100.5, .high = 3300},
                    .unit = "steps/s"};

TEST(BenchReport, HeadSaysWhereFiguresComeFrom) {
  const std::string head = BenchTableHead(kOrigin);
  EXPECT_NE(head.find("A \"fast\" one, 2 cores, code path avx512\n3 repeats of 3 s (wall clock)"),
            std::string::npos)
      << head;
  EXPECT_NE(head.find("; a step is 4 frames\n"), std::string::npos) << head;
}

TEST(BenchReport, LineHoldsTotalRangeAndRateOfAThread) {
  EXPECT_EQ(
      BenchTableLine(kRow),
      "frostbite         uber_large        2        3200 steps/s (3100 .. 3300)           1600  "
      "whole episodes\n");
}

TEST(BenchReport, JsonAndCsvHoldOriginAndFigures) {
  const std::string json = BenchJson(kOrigin, {&kRow, 1});
  EXPECT_NE(json.find("\"low\": 3100.5"), std::string::npos) << json;
  EXPECT_NE(json.find("\"isa\": \"avx512\""), std::string::npos) << json;
  EXPECT_EQ(
      BenchCsv(kOrigin, {&kRow, 1}),
      "dne,build,machine,isa,clock,seconds,repeats,environment,network,measure,threads,median,low,"
      "high,"
      "unit\n"
      "\"1.2\",\"g++ 12, Release\",\"A \"\"fast\"\" one, 2 cores\",avx512,wall clock,3,3,frostbite,"
      "uber_large,\"whole episodes\",2,3200,3100.5,3300,steps/s\n");
}

}  // namespace
}  // namespace dne
