// SPDX-License-Identifier: MIT
// Numbers of 16 bits, IEEE 754's binary16, to which a network's weights may be rounded: plain
// expressions, which the vector kernels follow.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace dne {

inline constexpr float kLargestHalf = 65'504.0f;

// The nearest one, of two that are as near the one whose last bit is 0; beyond the largest, that
// one. NaN stays NaN.
inline float RoundToHalf(float x) {
  constexpr float kSmallestNormal = 0x1p-14f;
  const float size = std::fabs(x);
  if (!(size < kLargestHalf)) return std::isnan(x) ? x : std::copysign(kLargestHalf, x);
  // Below the smallest normal number they lie 2^-24 apart, as floats from 1/2 to 1 do.
  if (size < kSmallestNormal) return std::copysign((size + 0.5f) - 0.5f, x);
  // Of 23 bits of the significand ten stay.
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  return std::bit_cast<float>((bits + 0xfff + ((bits >> 13) & 1)) & ~uint32_t{0x1fff});
}

// Of all of them.
inline std::vector<float> RoundedToHalf(std::span<const float> numbers) {
  std::vector<float> rounded;
  rounded.reserve(numbers.size());
  for (const float number : numbers) rounded.push_back(RoundToHalf(number));
  return rounded;
}

}  // namespace dne
