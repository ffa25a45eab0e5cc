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

TEST(BoxStatistics, InterpolateQuartilesAndEndWhiskersAtValues) {
  const BoxStatistics box = DescribeBox(std::vector<double>{4, 1, 3, 2, 20, -9});
  EXPECT_EQ(box.median, 2.5);
  EXPECT_EQ(box.lower_quartile, 1.25);
  EXPECT_EQ(box.upper_quartile, 3.75);
  EXPECT_EQ(box.lower_whisker, 1);
  EXPECT_EQ(box.upper_whisker, 4);
  EXPECT_EQ(box.outliers, (std::vector<double>{-9, 20}));
}

TEST(BoxStatistics, OfOneValueAreThatValue) {
  const BoxStatistics box = DescribeBox(std::vector<double>{7});
  EXPECT_EQ(box.lower_whisker, 7);
  EXPECT_EQ(box.upper_quartile, 7);
  EXPECT_TRUE(box.outliers.empty());
}

// Expected values are those of scipy.stats.mannwhitneyu(x, y, method="asymptotic").
TEST(MannWhitney, AgreesWithKnownValues) {
  const RankTest test =
      MannWhitney(std::vector<double>{19, 22, 16, 29, 24}, std::vector<double>{20, 11, 17, 12});
  EXPECT_EQ(test.u, 17);
  EXPECT_NEAR(test.p, 0.11134688653314041, 1e-12);
}

TEST(MannWhitney, CorrectsForTies) {
  const std::vector<double> first = {1, 2, 2, 3, 5, 5, 5, 8};
  const std::vector<double> second = {2, 4, 5, 5, 6, 8, 8, 9, 9};
  const RankTest test = MannWhitney(first, second);
  EXPECT_EQ(test.u, 17.0);
  EXPECT_NEAR(test.p, 0.06988349641207384, 1e-12);
  EXPECT_NEAR(MannWhitney(second, first).p, test.p, 1e-12);
}

TEST(MannWhitney, SeesNoDifferenceWhereThereIsNone) {
  const std::vector<double> equal = {3, 3, 3};
  EXPECT_EQ(MannWhitney(equal, equal).p, 1);
  const std::vector<double> values = {1, 2, 3, 4};
  EXPECT_EQ(MannWhitney(values, values).p, 1);
}

TEST(Statistics, OfNothingIsABug) {
  EXPECT_THROW(Mean({}), BugError);
  EXPECT_THROW(Median({}), BugError);
  EXPECT_THROW(DescribeBox({}), BugError);
  EXPECT_THROW(MannWhitney({}, std::vector<double>{1}), BugError);
}

}  // namespace
}  // namespace dne
