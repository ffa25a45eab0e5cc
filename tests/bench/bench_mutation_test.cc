// SPDX-License-Identifier: MIT
#include "dne/bench/bench_mutation.h"

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

TEST(MutationBench, HoldsEveryMutationOfEveryNetworkAgainstThePlainOne) {
  const MutationBenchOptions options{
      .threads = {2}, .timing = {.clock = RealClock, .seconds = 0.001, .repeats = 1}};
  std::map<std::string, std::set<std::string>> measures;  // by network
  int rows = 0;
  BenchMutation(options, [&](const BenchRow& row) {
    ++rows;
    EXPECT_GT(row.value.low, 0) << row.measure;
    EXPECT_EQ(row.unit, row.measure == "plain mutation" ? "us" : "x");
    // What looks at the parent costs more than what does not.
    if (row.network == "64x125" && row.unit == "x") {
      EXPECT_GT(row.value.median, row.measure.ends_with("further child / plain") ? 0.1 : 2.0)
          << row.measure;
    }
    measures[row.network].insert(row.measure);
  });
  const std::set<std::string> all = {
      "plain mutation",   "SM-R / plain",
      "SM-G-SUM / plain", "SM-G-SUM, a parent's further child / plain",
      "SM-G-ABS / plain", "SM-G-ABS, a parent's further child / plain",
      "SM-G-SO / plain",  "the child's episode / plain"};
  EXPECT_EQ(measures, (std::map<std::string, std::set<std::string>>{
                          {"14 conv, 2 lstm", all}, {"16x8", all}, {"64x125", all}}));
  EXPECT_EQ(rows, 3 * 8);
}

TEST(MutationBench, RefusesWhatCannotBeMeasured) {
  EXPECT_THROW(BenchMutation({.threads = {0}, .timing = {.clock = RealClock}}, {}), Error);
}

}  // namespace
}  // namespace dne
