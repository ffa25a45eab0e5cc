// SPDX-License-Identifier: MIT
#include "dne/inspect/thinning.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

TEST(Thinning, LeavesASmallRunWhole) {
  EXPECT_EQ(Widened({}, 0, 1, 100), Thinning{});
  EXPECT_EQ(Widened({}, 10, 10, 100), Thinning{});
}

TEST(Thinning, LeavesNoMoreThanAskedFor) {
  for (uint64_t generations : {1u, 7u, 1000u, 1'000'000u}) {
    for (uint64_t trials : {1u, 9u, 1000u, 1'000'000u}) {
      const Thinning thinning = Widened({}, generations, trials, 20'000);
      const uint64_t left = ((generations + thinning.generations - 1) / thinning.generations) *
                            ((trials + thinning.trials - 1) / thinning.trials);
      EXPECT_LE(left, 20'000u);
      if (generations * trials > 20'000) {
        EXPECT_GE(left, 4'000u);
      }
    }
  }
}

TEST(Thinning, GetsWiderAndNeverElsewhere) {
  Thinning before;
  for (uint64_t generations = 1; generations < 100'000; generations += generations / 3 + 1) {
    const Thinning now = Widened(before, generations, 1000, 20'000);
    EXPECT_EQ(now.generations % before.generations, 0u);
    EXPECT_EQ(now.trials % before.trials, 0u);
    before = now;
  }
}

}  // namespace
}  // namespace dne
