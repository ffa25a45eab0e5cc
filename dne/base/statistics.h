// SPDX-License-Identifier: MIT
// Of at least one value each; sums run in index order.
#pragma once

#include <span>
#include <vector>

namespace dne {

double Mean(std::span<const double> values);

// Of the values themselves, not an estimate for what they were drawn from.
double StandardDeviation(std::span<const double> values);

// The middle one, or the mean of the middle two. Reorders the values.
double Median(std::span<double> values);

// What a box plot shows.
struct BoxStatistics {
  double median = 0;
  double lower_quartile = 0;  // interpolated between neighbours
  double upper_quartile = 0;
  // The furthest values within 1.5 times the box's height of the box (Tukey).
  double lower_whisker = 0;
  double upper_whisker = 0;
  std::vector<double> outliers;  // beyond the whiskers, ascending
};
BoxStatistics DescribeBox(std::span<const double> values);

// Mann-Whitney U test of two independent samples, two-sided: normal approximation with corrections
// for ties and continuity, good from about 8 values each.
struct RankTest {
  double u = 0;  // pairs that the first sample wins, a draw counting half
  double p = 1;  // how likely so much difference is if both come from one distribution
};
RankTest MannWhitney(std::span<const double> first, std::span<const double> second);

}  // namespace dne
