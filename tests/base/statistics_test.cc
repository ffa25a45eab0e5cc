// SPDX-License-Identifier: MIT
#include "dne/base/statistics.h"

#include <gtest/gtest.h>

#include <vector>

#include "dne/base/error.h"

namespace dne {
namespace {

TEST(Statistics, MedianOfOddAndEvenCounts) {
  std::vector<double> odd = {5, 1, 9};
  EXPECT_EQ(Median(odd), 5);
  std::vector<double> even = {8, 1, 4, 2};
  EXPECT_EQ(Median(even), 3);
  std::vector<double> one = {7};
  EXPECT_EQ(Median(one), 7);
}

TEST(Statistics, MeanAndDeviationOfTheValuesThemselves) {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_EQ(Mean(values), 5);
  EXPECT_EQ(StandardDeviation(values), 2);
}

TEST(Statistics, OfNothingIsABug) {
  EXPECT_THROW(Mean({}), BugError);
  EXPECT_THROW(Median({}), BugError);
}

}  // namespace
}  // namespace dne
