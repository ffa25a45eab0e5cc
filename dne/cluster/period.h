// SPDX-License-Identifier: MIT
// How often a rank looks for messages. A look costs some microseconds of a processor that others
// play on, so that it is rare where shares take long.
#pragma once

#include <algorithm>
#include <chrono>

namespace dne {

// `share_seconds`: how long a share takes; 0: not known.
inline std::chrono::microseconds PeriodFor(double share_seconds) {
  constexpr double kShareOfShare = 0.03;
  return std::chrono::microseconds(
      static_cast<int>(std::clamp(1e6 * kShareOfShare * share_seconds, 250.0, 5000.0)));
}

}  // namespace dne
