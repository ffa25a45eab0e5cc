// SPDX-License-Identifier: MIT
#include "dne/experiment/policy_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr size_t kResamples = 2000;
constexpr size_t kTail = kResamples / 40;  // 2.5 % on each side

// Reorders the scores.
double Median(std::span<double> scores) {
  const auto middle = scores.begin() + static_cast<std::ptrdiff_t>(scores.size() / 2);
  std::ranges::nth_element(scores, middle);
  if (scores.size() % 2 == 1) return *middle;
  return (*std::max_element(scores.begin(), middle) + *middle) / 2;
}

}  // namespace

ScoreStatistics DescribeScores(std::span<const double> scores, const StreamId& bootstrap) {
  DNE_CHECK(!scores.empty());
  const auto count = static_cast<double>(scores.size());
  ScoreStatistics result;
  result.mean = std::accumulate(scores.begin(), scores.end(), 0.0) / count;
  double squares = 0;
  for (double score : scores) squares += (score - result.mean) * (score - result.mean);
  result.std = std::sqrt(squares / count);
  result.min = *std::ranges::min_element(scores);
  result.max = *std::ranges::max_element(scores);

  std::vector<double> sample(scores.begin(), scores.end());
  result.median = Median(sample);
  Stream stream(bootstrap);
  std::vector<double> medians(kResamples);
  for (double& median : medians) {
    for (double& score : sample) score = scores[stream.Below(static_cast<uint32_t>(scores.size()))];
    median = Median(sample);
  }
  std::ranges::sort(medians);
  result.median_low = medians[kTail];
  result.median_high = medians[kResamples - 1 - kTail];
  return result;
}

}  // namespace dne
