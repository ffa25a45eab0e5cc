// SPDX-License-Identifier: MIT
#include "dne/algorithms/standing.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "dne/base/error.h"

namespace dne {

bool IsBroken(const Result& result) {
  return std::ranges::any_of(
      result.episodes, [](const Episode& episode) { return episode.end == EpisodeEnd::kInvalid; });
}

double Standing(const Result& result) {
  return IsBroken(result) ? -std::numeric_limits<double>::infinity() : result.MeanScore();
}

void PutBrokenLast(std::span<const uint8_t> is_broken, std::span<double> scores) {
  DNE_CHECK(is_broken.size() == scores.size());
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double worst = kInfinity;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (is_broken[i] == 0) worst = std::min(worst, scores[i]);
  }
  const bool any_sound = std::ranges::find(is_broken, 0) != is_broken.end();
  const double last = any_sound ? std::nextafter(worst, -kInfinity) : 0;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (is_broken[i] != 0) scores[i] = last;
  }
}

}  // namespace dne
