// SPDX-License-Identifier: MIT
#include "dne/bench/bench_network.h"

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

const Timing kShort = {.clock = RealClock, .seconds = 0.001, .repeats = 1};

TEST(NetworkBench, HoldsEveryBatchAgainstWhatMultiplyAddsCanDo) {
  if (BestIsa() == Isa::kScalar) GTEST_SKIP() << "there is no vector path";
  std::map<std::string, int> units;
  BenchNetwork({.threads = {1}, .timing = kShort}, [&](const BenchRow& row) {
    ++units[row.unit];
    EXPECT_GT(row.value.low, 0) << row.measure;
  });
  EXPECT_EQ(units, (std::map<std::string, int>{{"%", 6}, {"GFLOP/s", 7}, {"images/s", 6}}));
}

// 28 x 28 x 25 x 32 + 14 x 14 x 800 x 64 + 3136 x 1024 + 1024 x 10 multiply-adds, two each.
TEST(NetworkBench, CountsTheOperationsOfAImage) {
  std::map<std::string, double> images;
  BenchNetwork({.threads = {1}, .timing = kShort, .isa = BestIsa()}, [&](const BenchRow& row) {
    if (row.measure != "batches of 16") return;
    if (row.unit == "images/s") images[row.network] = row.value.median;
    if (row.unit == "GFLOP/s") {
      const double operations = 1e9 * row.value.median / images[row.network];
      EXPECT_NEAR(operations, row.network == "mnist_cnn" ? 27767808 : 5676160, 1);
    }
  });
}

TEST(NetworkBench, RefusesWhatCannotBeMeasured) {
  EXPECT_THROW(BenchNetwork({.threads = {0}, .timing = {.clock = RealClock}}, {}), Error);
}

}  // namespace
}  // namespace dne
