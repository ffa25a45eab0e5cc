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

void SaveBehaviour(const Behaviour& behaviour, ByteWriter& out) {
  out.Add(static_cast<uint64_t>(behaviour.point.size()));
  for (const double coordinate : behaviour.point) out.Add(coordinate);
  out.AddBytes(behaviour.trajectory);
}

Behaviour ReadBehaviour(ByteReader& in) {
  Behaviour behaviour;
  behaviour.point.resize(in.ReadCount());
  for (double& coordinate : behaviour.point) {
    coordinate = in.ReadDouble();
    if (!std::isfinite(coordinate)) {
      throw Error(
          "stored behaviour has a coordinate that is not finite: the run's state is damaged");
    }
  }
  behaviour.trajectory = in.ReadBytes();
  return behaviour;
}

}  // namespace dne
