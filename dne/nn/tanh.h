// SPDX-License-Identifier: MIT
// tanh as x P(x^2) / Q(x^2) on fused multiply-adds, so that every code path gives the same bits.
// P and Q are a weighted least-squares fit on [-9, 9] (relative error 2e-8 before rounding);
// beyond it tanh is 1 to float precision. Absolute error below 5e-7. NaN stays NaN.
#pragma once

#include <array>
#include <cmath>

namespace dne {

inline constexpr float kTanhLimit = 9.0f;
// Highest power of x^2 first.
inline constexpr std::array<float, 5> kTanhP = {0x1.cada72p-27f, 0x1.59c27ap-16f, 0x1.ca2c12p-9f,
                                                0x1.120b1p-3f, 1.0f};
inline constexpr std::array<float, 5> kTanhQ = {0x1.a17ea6p-21f, 0x1.58858ep-12f, 0x1.a7f7bep-6f,
                                                0x1.de5ad2p-2f, 1.0f};

[[gnu::always_inline]] inline float Tanh(float x) {
  x = x > kTanhLimit ? kTanhLimit : x;
  x = x < -kTanhLimit ? -kTanhLimit : x;
  const float square = x * x;
  float p = kTanhP[0];
  float q = kTanhQ[0];
  for (size_t i = 1; i < kTanhP.size(); ++i) {
    p = std::fma(p, square, kTanhP[i]);
    q = std::fma(q, square, kTanhQ[i]);
  }
  const float y = x * p / q;
  return y > 1.0f ? 1.0f : (y < -1.0f ? -1.0f : y);
}

}  // namespace dne
