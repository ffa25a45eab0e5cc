// SPDX-License-Identifier: MIT
// What the scores of many episodes come to.
#pragma once

#include <span>

#include "dne/random/stream.h"

namespace dne {

struct ScoreStatistics {
  double mean = 0;
  double median = 0;
  double min = 0;
  double max = 0;
  double std = 0;  // of these scores: divided by their number
  // 95 % bootstrap confidence interval of the median, by percentiles (1712.06567 v3, table 1).
  double median_low = 0;
  double median_high = 0;
};

// At least one score. The bootstrap's resamples come from the stream.
ScoreStatistics DescribeScores(std::span<const double> scores, const StreamId& bootstrap);

}  // namespace dne
