// SPDX-License-Identifier: MIT
// The entry points and the plain reference that the vector kernels are held to.
#include "dne/random/normal.h"

#include <array>
#include <bit>
#include <cmath>

#include "dne/base/error.h"
#include "dne/random/normal_kernels.h"

namespace dne {
namespace normal {
namespace {

// Inlined into both bodies below, so that std::fma is one instruction where the machine has it.
#define DNE_INLINE [[gnu::always_inline]] inline

// -2 ln((float(half_word) + 0.5) / 2^31)
DNE_INLINE float MinusTwoLog(uint32_t half_word) {
  const float v = static_cast<float>(static_cast<int32_t>(half_word)) + 0.5f;
  const uint32_t distance = std::bit_cast<uint32_t>(v) - kSqrtHalfScaledBits;
  const auto exponent = static_cast<float>(static_cast<int32_t>(distance) >> 23);
  const float f = std::bit_cast<float>((distance & kMantissaMask) + kSqrtHalfBits) - 1.0f;
  const float z = f * f;
  float p = kLog[6];
  for (int i = 5; i >= 0; --i) p = std::fma(p, f, kLog[i]);
  const float tail = std::fma(f * z, p, z);
  return std::fma(exponent, kMinusTwoLn2, std::fma(-2.0f, f, tail));
}

DNE_INLINE std::array<float, 2> NormalPair(uint32_t w0, uint32_t w1) {
  float radius = std::sqrt(MinusTwoLog(w0 >> 1));
  if (w1 >> 31) radius = -radius;
  const float x = static_cast<float>(static_cast<int32_t>(w1 << 2)) * kAngleScale;
  const float z = x * x;
  const float sin_tail = std::fma(std::fma(kSin[2], z, kSin[1]), z, kSin[0]);
  const float cos_tail = std::fma(std::fma(kCos[2], z, kCos[1]), z, kCos[0]);
  const float sin = std::fma(x * z, sin_tail, x);
  const float cos = std::fma(z * z, cos_tail, std::fma(-0.5f, z, 1.0f));
  const bool swap = (w1 >> 30) & 1;
  return {radius * (swap ? sin : cos), radius * (swap ? cos : sin)};
}

DNE_INLINE void RunPlain(const Job& job) {
  for (size_t i = 0; i < job.size; i += 4) {
    const auto w = PhiloxBlock(job.id, job.first_block + static_cast<uint32_t>(i / 4));
    const auto [n0, n1] = NormalPair(w[0], w[1]);
    const auto [n2, n3] = NormalPair(w[2], w[3]);
    const float numbers[4] = {n0, n1, n2, n3};
    for (size_t j = i; j < i + 4 && j < job.size; ++j) {
      const float n = job.scale ? job.scale[j] * numbers[j - i] : numbers[j - i];
      job.out[j] = job.base ? std::fma(job.sigma, n, job.base[j]) : n;
      if (job.minus) job.minus[j] = std::fma(-job.sigma, n, job.base[j]);
    }
  }
}

#undef DNE_INLINE

#if defined(__x86_64__)
[[gnu::target("fma")]] void RunPlainWithFma(const Job& job) { RunPlain(job); }
#endif

}  // namespace

void Run(const Job& job, Isa isa) {
  DNE_CHECK(job.first_block + (job.size + 3) / 4 <= uint64_t{1} << 32);
  switch (isa) {
    case Isa::kScalar:
      return RunScalar(job);
#if defined(__x86_64__)
    case Isa::kAvx2:
      return RunAvx2(job);
    case Isa::kAvx512:
      return RunAvx512(job);
#else
    default:
      DNE_CHECK(false);
#endif
  }
}

void RunScalar(const Job& job) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma")) return RunPlainWithFma(job);
#endif
  RunPlain(job);
}

}  // namespace normal

void FillNormal(const StreamId& id, size_t first, std::span<float> out, Isa isa) {
  DNE_CHECK(first % 4 == 0 && first / 4 <= UINT32_MAX);
  normal::Run({.id = id,
               .first_block = static_cast<uint32_t>(first / 4),
               .out = out.data(),
               .size = out.size()},
              isa);
}

void AddNormal(const StreamId& id, float sigma, std::span<const float> base, std::span<float> out,
               Isa isa, std::span<const float> scale) {
  DNE_CHECK(base.size() == out.size() && (scale.empty() || scale.size() == out.size()));
  normal::Run({.id = id,
               .sigma = sigma,
               .base = base.data(),
               .scale = scale.empty() ? nullptr : scale.data(),
               .out = out.data(),
               .size = out.size()},
              isa);
}

void AddNormalPair(const StreamId& id, float sigma, std::span<const float> base,
                   std::span<float> plus, std::span<float> minus, Isa isa,
                   std::span<const float> scale) {
  DNE_CHECK(base.size() == plus.size() && base.size() == minus.size());
  DNE_CHECK(scale.empty() || scale.size() == base.size());
  normal::Run({.id = id,
               .sigma = sigma,
               .base = base.data(),
               .scale = scale.empty() ? nullptr : scale.data(),
               .out = plus.data(),
               .minus = minus.data(),
               .size = base.size()},
              isa);
}

}  // namespace dne
