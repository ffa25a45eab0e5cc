// SPDX-License-Identifier: MIT
// Fixed players of bodies.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

namespace dne {

// Actions that are pseudo-random, or waves like a trained gait's: numbers from -1 to 1.
class ActionPlayer {
 public:
  ActionPlayer(uint64_t seed, bool smooth) : state_(2 * seed + 1), smooth_(smooth) {}

  void Next(std::span<float> action) {
    ++step_;
    for (size_t i = 0; i < action.size(); ++i) {
      action[i] = static_cast<float>(smooth_ ? Wave(static_cast<double>(i)) : NextRandom());
    }
  }

 private:
  double NextRandom() {  // a linear congruential generator (Knuth's MMIX constants)
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 33) * 0x1p-30 - 1;
  }
  double Wave(double actuator) const { return 0.8 * std::sin(0.25 * step_ + 1.7 * actuator); }

  uint64_t state_;
  bool smooth_;
  int step_ = 0;
};

}  // namespace dne
