// SPDX-License-Identifier: MIT
// How often a rank looks for messages. A look costs some microseconds of a processor that plays, so
// that it looks the less often the longer nothing has come.
#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include "dne/evaluate/evaluator.h"

namespace dne {

class LookingPace {
 public:
  explicit LookingPace(Clock clock) : clock_(std::move(clock)), last_(clock_()) {}

  void SomethingCame() { last_ = clock_(); }
  // Until the next look: a delay of so small a share of the silence matters nowhere.
  std::chrono::microseconds Period() const {
    constexpr double kShare = 0.03;
    return std::chrono::microseconds(
        static_cast<int>(std::clamp(1e6 * kShare * (clock_() - last_), 250.0, 5000.0)));
  }

 private:
  Clock clock_;
  double last_;
};

}  // namespace dne
