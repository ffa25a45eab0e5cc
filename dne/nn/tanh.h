// SPDX-License-Identifier: MIT
// tanh as x P(x^2) / Q(x^2) on fused multiply-adds, so that every code path gives the same bits.
// P and Q are a weighted least-squares fit on [-9, 9] (relative error 2e-8 before rounding);
// beyond it tanh is 1 to float precision. Absolute error below 5e-7. NaN stays NaN.
#pragma once

#include <cmath>

#include "dne/base/anywhere.h"

namespace dne {

inline constexpr float kTanhLimit = 9.0f;
// Highest power of x^2 first.
inline constexpr float kTanhP[] = {0x1.cada72p-27f, 0x1.59c27ap-16f, 0x1.ca2c12p-9f, 0x1.120b1p-3f,
                                   1.0f};
inline constexpr float kTanhQ[] = {0x1.a17ea6p-21f, 0x1.58858ep-12f, 0x1.a7f7bep-6f, 0x1.de5ad2p-2f,
                                   1.0f};

DNE_ANYWHERE float Tanh(float x) {
  x = x > kTanhLimit ? kTanhLimit : x;
  x = x < -kTanhLimit ? -kTanhLimit : x;
  const float square = x * x;
  constexpr float p0 = kTanhP[0], p1 = kTanhP[1], p2 = kTanhP[2], p3 = kTanhP[3], p4 = kTanhP[4];
  constexpr float q0 = kTanhQ[0], q1 = kTanhQ[1], q2 = kTanhQ[2], q3 = kTanhQ[3], q4 = kTanhQ[4];
  float p = std::fma(p0, square, p1);
  p = std::fma(std::fma(std::fma(p, square, p2), square, p3), square, p4);
  float q = std::fma(q0, square, q1);
  q = std::fma(std::fma(std::fma(q, square, q2), square, q3), square, q4);
  const float y = x * p / q;
  return y > 1.0f ? 1.0f : (y < -1.0f ? -1.0f : y);
}

}  // namespace dne
