// SPDX-License-Identifier: MIT
#include "dne/policy/policy_scores.h"

#include <algorithm>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/statistics.h"

namespace dne {
namespace {

constexpr size_t kResamples = 2000;
constexpr size_t kTail = kResamples / 40;  // 2.5 % on each side

}  // namespace

ScoreStatistics DescribeScores(std::span<const double> scores, const StreamId& bootstrap) {
  DNE_CHECK(!scores.empty());
  ScoreStatistics result;
  result.mean = Mean(scores);
  result.std = StandardDeviation(scores);
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
