// SPDX-License-Identifier: MIT
// Behaviours and how far apart two of them are (1712.06560, section 4, and its released code).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/bytes.h"

namespace dne {

enum class BehaviourDistance {
  // Of points, such as final positions.
  kEuclidean,         // the released code
  kSquaredEuclidean,  // the paper, for the Humanoid
  // Of trajectories; the shorter one stays in its last state (in zeros, where it has none).
  kSumOfSteps,  // the sum over steps of the states' Euclidean distance: the paper, for Atari
  kFrobenius,   // the square root of the sum of all squared differences: the released code
};

bool IsOfTrajectories(BehaviourDistance distance);

// Searches compare scores, which order like distances and cost no root: sums of squared differences
// but for kSumOfSteps.
double DistanceOfScore(BehaviourDistance distance, double score);

// The score of two points of equal size.
double PointScore(std::span<const double> a, std::span<const double> b);

// What a policy did, in one of the two ways; the other is empty.
struct Behaviour {
  std::vector<double> point;
  std::vector<uint8_t> trajectory;  // packed (dne/novelty/trajectory.h)

  bool operator==(const Behaviour&) const = default;
};

// As stored states hold it. Reading throws Error where a coordinate is not finite.
void SaveBehaviour(const Behaviour& behaviour, ByteWriter& out);
Behaviour ReadBehaviour(ByteReader& in);

}  // namespace dne
