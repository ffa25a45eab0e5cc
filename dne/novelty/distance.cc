// SPDX-License-Identifier: MIT
#include "dne/novelty/distance.h"

#include <cmath>
#include <cstddef>

#include "dne/base/error.h"

namespace dne {

bool IsOfTrajectories(BehaviourDistance distance) {
  return distance == BehaviourDistance::kSumOfSteps || distance == BehaviourDistance::kFrobenius;
}

double DistanceOfScore(BehaviourDistance distance, double score) {
  const bool squared =
      distance == BehaviourDistance::kEuclidean || distance == BehaviourDistance::kFrobenius;
  return squared ? std::sqrt(score) : score;
}

double PointScore(std::span<const double> a, std::span<const double> b) {
  DNE_CHECK(a.size() == b.size());
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

}  // namespace dne
