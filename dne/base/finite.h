// SPDX-License-Identifier: MIT
// Whether numbers are numbers.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace dne {

// None is infinite or not a number. Without branches, so that it vectorises: networks are long.
inline bool AreFinite(std::span<const float> values) {
  constexpr uint32_t kMagnitude = 0x7fffffff;  // all bits but the sign
  constexpr uint32_t kInfinity = 0x7f800000;
  uint32_t largest = 0;
  for (const float value : values) {
    largest = std::max(largest, std::bit_cast<uint32_t>(value) & kMagnitude);
  }
  return largest < kInfinity;
}

}  // namespace dne
