// SPDX-License-Identifier: MIT
#include "dne/bench/bench_novelty.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "dne/base/error.h"

namespace dne {
namespace {

double RealClock() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

NoveltyBenchOptions Tiny() {
  return {.archive_size = 500,
          .population_size = 50,
          .nearest = 3,
          .threads = {1, 2},
          .timing = {.clock = RealClock, .seconds = 0.01},
          .process_clock = [](int) { return RealClock(); }};
}

TEST(NoveltyBench, GivesEveryFigureForEveryThreadCount) {
  std::map<std::string, int> rows;
  BenchNovelty(Tiny(), [&](const BenchRow& row) {
    EXPECT_GT(row.value.low, 0) << row.measure;
    ++rows[row.measure];
    if (row.measure == "the tree compares with, of 500") {
      EXPECT_LT(row.value.median, 100);
    }
    if (row.measure == "an archive of 500 in a state") {
      EXPECT_EQ(row.value.median, (8 + 500 * 32) / 1e6);
    }
  });
  EXPECT_EQ(rows, (std::map<std::string, int>{{"an archive of 500 in a state", 1},
                                              {"neighbours by comparing with all", 2},
                                              {"neighbours by the tree", 2},
                                              {"novelty of a population of 50", 2},
                                              {"the tree compares with, of 500", 1},
                                              {"the tree's rate / the other's", 2}}));
}

TEST(NoveltyBench, RefusesNoThreads) {
  NoveltyBenchOptions options = Tiny();
  options.threads.clear();
  EXPECT_THROW(BenchNovelty(options, [](const BenchRow&) {}), Error);
}

}  // namespace
}  // namespace dne
