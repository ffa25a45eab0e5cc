// SPDX-License-Identifier: MIT
#include "dne/base/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <utility>

#include "dne/base/error.h"

namespace dne {

double Mean(std::span<const double> values) {
  DNE_CHECK(!values.empty());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double StandardDeviation(std::span<const double> values) {
  const double mean = Mean(values);
  double squares = 0;
  for (double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

double Median(std::span<double> values) {
  DNE_CHECK(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

namespace {

// At this share of the way through the ascending values.
double Quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  if (below + 1 == sorted.size()) return sorted[below];
  return sorted[below] + (place - std::floor(place)) * (sorted[below + 1] - sorted[below]);
}

}  // namespace

BoxStatistics DescribeBox(std::span<const double> values) {
  DNE_CHECK(!values.empty());
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  BoxStatistics box{.median = Quantile(sorted, 0.5),
                    .lower_quartile = Quantile(sorted, 0.25),
                    .upper_quartile = Quantile(sorted, 0.75),
                    .outliers = {}};
  const double reach = 1.5 * (box.upper_quartile - box.lower_quartile);
  const auto low = std::ranges::lower_bound(sorted, box.lower_quartile - reach);
  const auto high = std::ranges::upper_bound(sorted, box.upper_quartile + reach);
  box.lower_whisker = *low;
  box.upper_whisker = *std::prev(high);
  box.outliers.assign(sorted.begin(), low);
  box.outliers.insert(box.outliers.end(), high, sorted.end());
  return box;
}

RankTest MannWhitney(std::span<const double> first, std::span<const double> second) {
  DNE_CHECK(!first.empty() && !second.empty());
  std::vector<std::pair<double, bool>> all;  // value, whether it is of the first sample
  for (const double value : first) all.emplace_back(value, true);
  for (const double value : second) all.emplace_back(value, false);
  std::ranges::sort(all);
  double rank_sum = 0;  // of the first sample; equal values share the mean of their ranks
  double ties = 0;
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    while (end < all.size() && all[end].first == all[begin].first) ++end;
    const double rank = static_cast<double>(begin + end + 1) / 2;
    for (size_t i = begin; i < end; ++i) rank_sum += all[i].second ? rank : 0;
    const auto equal = static_cast<double>(end - begin);
    ties += equal * (equal * equal - 1);
  }
  const auto n1 = static_cast<double>(first.size());
  const auto n2 = static_cast<double>(second.size());
  const double n = n1 + n2;
  RankTest test{.u = rank_sum - n1 * (n1 + 1) / 2};
  const double variance = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)));
  const double excess = std::max(0.0, std::abs(test.u - n1 * n2 / 2) - 0.5);
  if (variance > 0) test.p = std::erfc(excess / std::sqrt(2 * variance));
  return test;
}

}  // namespace dne
