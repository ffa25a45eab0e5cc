// SPDX-License-Identifier: MIT
#include "dne/base/finite.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace dne {
namespace {

using Limits = std::numeric_limits<float>;

TEST(AreFinite, OfNumbersOfAnySize) {
  EXPECT_TRUE(AreFinite({}));
  EXPECT_TRUE(
      AreFinite(std::vector<float>{0, -0.0f, Limits::max(), -Limits::max(), Limits::denorm_min()}));
}

TEST(AreFinite, NotWhereAnyIsInfiniteOrNoNumber) {
  const float nan = Limits::quiet_NaN();
  for (const float bad : {Limits::infinity(), -Limits::infinity(), nan, -nan}) {
    for (size_t place = 0; place < 37; ++place) {
      std::vector<float> values(37, 1.0f);
      values[place] = bad;
      EXPECT_FALSE(AreFinite(values)) << place;
    }
  }
}

}  // namespace
}  // namespace dne
