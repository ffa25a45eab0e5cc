// SPDX-License-Identifier: MIT
// The normal noise with vectors: the expressions of normal.cc, one number a lane.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/random/normal_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/base/vectors-inl.h"
#include "dne/random/normal_kernels.h"
#include "dne/random/philox-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::normal::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;
using namespace philox::HWY_NAMESPACE;

constexpr size_t kGroupNumbers = 4 * kGroupBlocks;

// Numbers of a group in stream order.
struct Numbers {
  VF part[2 * kWays];
};

// -2 ln((float(half_word) + 0.5) / 2^31)
HWY_INLINE VF MinusTwoLog(VU half_word) {
  const VF v = hn::Add(hn::ConvertTo(df, hn::BitCast(di, half_word)), hn::Set(df, 0.5f));
  const VU distance = hn::Sub(hn::BitCast(du, v), hn::Set(du, kSqrtHalfScaledBits));
  const VF exponent = hn::ConvertTo(df, hn::ShiftRight<23>(hn::BitCast(di, distance)));
  const VU mantissa =
      hn::Add(hn::And(distance, hn::Set(du, kMantissaMask)), hn::Set(du, kSqrtHalfBits));
  const VF f = hn::Sub(hn::BitCast(df, mantissa), hn::Set(df, 1.0f));
  const VF z = hn::Mul(f, f);
  VF p = hn::Set(df, kLog[6]);
  HWY_UNROLL(6)
  for (int i = 5; i >= 0; --i) p = hn::MulAdd(p, f, hn::Set(df, kLog[i]));
  const VF tail = hn::MulAdd(hn::Mul(f, z), p, z);
  return hn::MulAdd(exponent, hn::Set(df, kMinusTwoLn2), hn::MulAdd(hn::Set(df, -2.0f), f, tail));
}

HWY_INLINE VF Poly2(const float (&c)[3], VF z) {
  return hn::MulAdd(hn::MulAdd(hn::Set(df, c[2]), z, hn::Set(df, c[1])), z, hn::Set(df, c[0]));
}

// Word pairs to number pairs, lane by lane; the interleaving puts them in stream order.
HWY_INLINE void BoxMuller(VU w0, VU w1, VF* numbers) {
  const VF sign = hn::BitCast(df, hn::And(w1, hn::Set(du, 0x80000000u)));
  const VF radius = hn::Xor(hn::Sqrt(MinusTwoLog(hn::ShiftRight<1>(w0))), sign);
  const VF x =
      hn::Mul(hn::ConvertTo(df, hn::BitCast(di, hn::ShiftLeft<2>(w1))), hn::Set(df, kAngleScale));
  const VF z = hn::Mul(x, x);
  const VF sin = hn::MulAdd(hn::Mul(x, z), Poly2(kSin, z), x);
  const VF cos = hn::MulAdd(hn::Mul(z, z), Poly2(kCos, z),
                            hn::MulAdd(hn::Set(df, -0.5f), z, hn::Set(df, 1.0f)));
  const VF bit30 = hn::BitCast(df, hn::ShiftLeft<1>(w1));
  const VF even = hn::Mul(radius, hn::IfNegativeThenElse(bit30, sin, cos));
  const VF odd = hn::Mul(radius, hn::IfNegativeThenElse(bit30, cos, sin));
  numbers[0] = hn::InterleaveLower(df, even, odd);
  numbers[1] = hn::InterleaveUpper(df, even, odd);
}

HWY_INLINE Numbers Group(const Generator& generator, const Blocks& blocks) {
  Words words[kWays];
  generator.Draw(blocks, words);
  Numbers numbers;
  DNE_EACH_WAY { BoxMuller(words[way].w02, words[way].w13, &numbers.part[2 * way]); }
  return numbers;
}

// The first `size` of them, if there are so many.
HWY_INLINE Numbers Scaled(Numbers numbers, const float* scale, size_t size) {
  float padded[kGroupNumbers] = {};
  if (size < kGroupNumbers) {
    for (size_t i = 0; i < size; ++i) padded[i] = scale[i];
    scale = padded;
  }
  HWY_UNROLL(2 * kWays)
  for (size_t part = 0; part < 2 * kWays; ++part) {
    numbers.part[part] = hn::Mul(hn::LoadU(df, scale + part * kLanes), numbers.part[part]);
  }
  return numbers;
}

HWY_INLINE void WriteGroup(const Numbers& numbers, VF sigma, const float* base, float* out) {
  HWY_UNROLL(2 * kWays)
  for (size_t part = 0; part < 2 * kWays; ++part) {
    const size_t at = part * kLanes;
    const VF n = numbers.part[part];
    hn::StoreU(base ? hn::MulAdd(sigma, n, hn::LoadU(df, base + at)) : n, df, out + at);
  }
}

// The last, incomplete group: computed whole, on the side.
HWY_INLINE void WriteTail(const Numbers& numbers, VF sigma, const float* base, float* out,
                          size_t size) {
  float padded[kGroupNumbers] = {};
  for (size_t i = 0; base && i < size; ++i) padded[i] = base[i];
  WriteGroup(numbers, sigma, base ? padded : nullptr, padded);
  for (size_t i = 0; i < size; ++i) out[i] = padded[i];
}

void Run(const Job& job) {
  const Generator generator(job.id);
  const VF sigma = hn::Set(df, job.sigma);
  Blocks blocks = FirstBlocks(job.first_block);
  for (size_t i = 0; i < job.size; i += kGroupNumbers) {
    Numbers numbers = Group(generator, blocks);
    const float* base = job.base ? job.base + i : nullptr;
    const size_t rest = job.size - i;
    if (job.scale) numbers = Scaled(numbers, job.scale + i, rest);
    if (rest < kGroupNumbers) {
      WriteTail(numbers, sigma, base, job.out + i, rest);
      if (job.minus) WriteTail(numbers, hn::Neg(sigma), base, job.minus + i, rest);
      break;
    }
    WriteGroup(numbers, sigma, base, job.out + i);
    if (job.minus) WriteGroup(numbers, hn::Neg(sigma), base, job.minus + i);
    NextBlocks(blocks);
  }
}

}  // namespace

}  // namespace dne::normal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::normal {

template <>
void RunVector<DNE_VECTOR_PATH>(const Job& job) {
  HWY_NAMESPACE::Run(job);
}

}  // namespace dne::normal
#endif
