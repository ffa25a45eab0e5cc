// SPDX-License-Identifier: MIT
// Inside of the normal noise: what the plain reference and the vector kernels share. Box and
// Muller, "A note on the generation of random normal deviates", 1958, from a word pair (w0, w1):
//   u = (float(w0 >> 1) + 0.5) / 2^31, radius = sqrt(-2 ln u)
//   x = float(int32(w1 << 2)) / 2^31 * pi / 4, an angle in [-pi/4, pi/4]
//   bit 30 of w1 mirrors the angle at 45 degrees (swaps cos x and sin x), bit 31 turns it by 180
//   degrees (negates the radius); numbers = radius * (cos, sin).
// The polynomials are minimax fits (Remez exchange), coefficients rounded to float.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "dne/base/anywhere.h"
#include "dne/base/isa.h"
#include "dne/random/stream.h"

namespace dne::normal {

// One call of FillNormal, AddNormal or AddNormalPair, one term of AddWeightedNoise.
struct Job {
  StreamId id;
  uint32_t first_block = 0;
  float sigma = 1;
  const float* base = nullptr;   // none: out = the numbers themselves
  const float* scale = nullptr;  // none, or what each number is multiplied by; needs a base
  float* out = nullptr;
  float* minus = nullptr;  // none, or gets what `out` gets for -sigma
  size_t size = 0;
};

// Writes the whole job. A stream ends after 2^32 blocks.
void Run(const Job& job, Isa isa);

// Its code paths; all the same bits.
void RunScalar(const Job& job);
template <Isa>
void RunVector(const Job& job);

// -2 ln u for v = u * 2^31: v = m * 2^(e + 31) with m in [sqrt(1/2), sqrt(2)), f = m - 1 (exact),
// -2 ln u = -2 ln 2 * e - 2 f + f^2 + f^3 * P(f). Relative error of the fit 3.2e-8.
inline constexpr uint32_t kSqrtHalfBits = 0x3F3504F3;
inline constexpr uint32_t kSqrtHalfScaledBits = kSqrtHalfBits + (31u << 23);
inline constexpr uint32_t kMantissaMask = 0x007FFFFF;
inline constexpr float kMinusTwoLn2 = -0x1.62e430p+0f;
inline constexpr float kLog[] = {-0x1.5556d8p-1f, 0x1.000382p-1f, -0x1.98d7f2p-2f, 0x1.53824ap-2f,
                                 -0x1.317458p-2f, 0x1.2432bap-2f, -0x1.645eb0p-3f};

// sin x = x + x^3 * P(x^2), error 3.6e-9; cos x = 1 - x^2 / 2 + x^4 * P(x^2), error 9.6e-11.
inline constexpr float kAngleScale = 0x1.921fb6p-32f;  // pi / 4 / 2^31
inline constexpr float kSin[] = {-0x1.555546p-3f, 0x1.110760p-7f, -0x1.994edcp-13f};
inline constexpr float kCos[] = {0x1.55554ap-5f, -0x1.6c0c8ep-10f, 0x1.9a02cap-16f};

// --- The plain expressions, which the vector kernels follow ------------------------------------

// -2 ln((float(half_word) + 0.5) / 2^31)
DNE_ANYWHERE float MinusTwoLog(uint32_t half_word) {
  const float v = static_cast<float>(static_cast<int32_t>(half_word)) + 0.5f;
  const uint32_t distance = std::bit_cast<uint32_t>(v) - kSqrtHalfScaledBits;
  const auto exponent = static_cast<float>(static_cast<int32_t>(distance) >> 23);
  const float f = std::bit_cast<float>((distance & kMantissaMask) + kSqrtHalfBits) - 1.0f;
  const float z = f * f;
  constexpr float c0 = kLog[0], c1 = kLog[1], c2 = kLog[2], c3 = kLog[3], c4 = kLog[4],
                  c5 = kLog[5], c6 = kLog[6];  // cards have no constant arrays of the processor's
  const float high = std::fma(std::fma(std::fma(c6, f, c5), f, c4), f, c3);
  const float p = std::fma(std::fma(std::fma(high, f, c2), f, c1), f, c0);
  const float tail = std::fma(f * z, p, z);
  return std::fma(exponent, kMinusTwoLn2, std::fma(-2.0f, f, tail));
}

struct Pair {
  float cosine, sine;
};

// The numbers of a word pair, in stream order.
DNE_ANYWHERE Pair NormalPair(uint32_t w0, uint32_t w1) {
  float radius = std::sqrt(MinusTwoLog(w0 >> 1));
  if (w1 >> 31) radius = -radius;
  const float x = static_cast<float>(static_cast<int32_t>(w1 << 2)) * kAngleScale;
  const float z = x * x;
  constexpr float s0 = kSin[0], s1 = kSin[1], s2 = kSin[2];
  constexpr float c0 = kCos[0], c1 = kCos[1], c2 = kCos[2];
  const float sin_tail = std::fma(std::fma(s2, z, s1), z, s0);
  const float cos_tail = std::fma(std::fma(c2, z, c1), z, c0);
  const float sin = std::fma(x * z, sin_tail, x);
  const float cos = std::fma(z * z, cos_tail, std::fma(-0.5f, z, 1.0f));
  const bool swap = (w1 >> 30) & 1;
  return {radius * (swap ? sin : cos), radius * (swap ? cos : sin)};
}

}  // namespace dne::normal
