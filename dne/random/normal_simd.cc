// SPDX-License-Identifier: MIT
// The normal noise on AVX2 and AVX-512: the expressions of normal.cc, one number a lane. The
// file is compiled once a target; the entry points at the end pick theirs by name.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#define HWY_COMPILE_ALL_ATTAINABLE

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/random/normal_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/random/normal_kernels.h"
#include "dne/random/philox.h"

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
HWY_BEFORE_NAMESPACE();
namespace dne::normal::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D64 = hn::ScalableTag<uint64_t>;
using D32 = hn::ScalableTag<uint32_t>;
using DI = hn::ScalableTag<int32_t>;
using DF = hn::ScalableTag<float>;
using V64 = hn::Vec<D64>;
using V32 = hn::Vec<D32>;
using VF = hn::Vec<DF>;

constexpr D64 d64;
constexpr D32 d32;
constexpr DI di;
constexpr DF df;

// Philox blocks of one group: one in each 64-bit lane, its words in the low halves (whatever the
// high halves hold is never read). That is the layout of the widening multiply.
constexpr size_t kGroupBlocks = HWY_LANES(uint64_t);
constexpr size_t kGroupNumbers = 4 * kGroupBlocks;

struct Words {
  V64 w0, w1, w2, w3;
};

struct Numbers {
  VF first, second;  // the two halves of a group, in stream order
};

HWY_INLINE V64 WideMul(V64 a, V64 b) {
  return hn::MulEven(hn::BitCast(d32, a), hn::BitCast(d32, b));
}

class Generator {
 public:
  HWY_INLINE explicit Generator(const StreamId& id)
      : item_(hn::Set(d64, id.item)),
        generation_(hn::Set(d64, id.generation)),
        purpose_(hn::Set(d64, static_cast<uint64_t>(id.purpose))) {
    auto key0 = static_cast<uint32_t>(id.seed);
    auto key1 = static_cast<uint32_t>(id.seed >> 32);
    for (int round = 0; round < philox::kRounds; ++round) {
      key0_[round] = hn::Set(d64, key0);
      key1_[round] = hn::Set(d64, key1);
      key0 += philox::kKeyStep0;
      key1 += philox::kKeyStep1;
    }
  }

  HWY_INLINE Words Draw(V64 blocks) const {
    const V64 multiplier0 = hn::Set(d64, philox::kMultiplier0);
    const V64 multiplier1 = hn::Set(d64, philox::kMultiplier1);
    Words c = {blocks, item_, generation_, purpose_};
    HWY_UNROLL(philox::kRounds)
    for (int round = 0; round < philox::kRounds; ++round) {
      const V64 product0 = WideMul(c.w0, multiplier0);
      const V64 product1 = WideMul(c.w2, multiplier1);
      c = {hn::Xor3(hn::ShiftRight<32>(product1), c.w1, key0_[round]), product1,
           hn::Xor3(hn::ShiftRight<32>(product0), c.w3, key1_[round]), product0};
    }
    return c;
  }

 private:
  V64 item_, generation_, purpose_;
  V64 key0_[philox::kRounds], key1_[philox::kRounds];
};

// -2 ln((float(half_word) + 0.5) / 2^31)
HWY_INLINE VF MinusTwoLog(V32 half_word) {
  const VF v = hn::Add(hn::ConvertTo(df, hn::BitCast(di, half_word)), hn::Set(df, 0.5f));
  const V32 distance = hn::Sub(hn::BitCast(d32, v), hn::Set(d32, kSqrtHalfScaledBits));
  const VF exponent = hn::ConvertTo(df, hn::ShiftRight<23>(hn::BitCast(di, distance)));
  const V32 mantissa =
      hn::Add(hn::And(distance, hn::Set(d32, kMantissaMask)), hn::Set(d32, kSqrtHalfBits));
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
HWY_INLINE Numbers BoxMuller(V32 w0, V32 w1) {
  const VF sign = hn::BitCast(df, hn::And(w1, hn::Set(d32, 0x80000000u)));
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
  return {hn::InterleaveLower(df, even, odd), hn::InterleaveUpper(df, even, odd)};
}

HWY_INLINE Numbers Group(const Generator& generator, V64 blocks) {
  const Words w = generator.Draw(blocks);
  // 32-bit lanes: words 0 (or 1) and 2 (or 3) of each block side by side.
  const auto pack = [](V64 even, V64 odd) HWY_ATTR {
    return hn::OddEven(hn::BitCast(d32, hn::ShiftLeft<32>(odd)), hn::BitCast(d32, even));
  };
  return BoxMuller(pack(w.w0, w.w2), pack(w.w1, w.w3));
}

HWY_INLINE VF Finish(VF numbers, VF sigma, const float* base) {
  return base ? hn::MulAdd(sigma, numbers, hn::LoadU(df, base)) : numbers;
}

HWY_INLINE void WriteGroup(const Numbers& numbers, VF sigma, const float* base, float* out) {
  constexpr size_t kHalf = kGroupNumbers / 2;
  const VF first = Finish(numbers.first, sigma, base);
  const VF second = Finish(numbers.second, sigma, base ? base + kHalf : nullptr);
  hn::StoreU(first, df, out);
  hn::StoreU(second, df, out + kHalf);
}

// The last, incomplete group: computed whole, on the side.
HWY_INLINE void WriteTail(const Numbers& numbers, VF sigma, const float* base, float* out,
                          size_t size) {
  float padded[kGroupNumbers] = {};
  for (size_t i = 0; base && i < size; ++i) padded[i] = base[i];
  WriteGroup(numbers, sigma, base ? padded : nullptr, padded);
  for (size_t i = 0; i < size; ++i) out[i] = padded[i];
}

// The blocks of a group, in the order that BoxMuller's interleaving undoes: it collects the even
// lanes into the first half and the odd lanes into the second.
HWY_INLINE V64 FirstBlocks(uint32_t first_block) {
  uint64_t blocks[kGroupBlocks];
  for (size_t lane = 0; lane < kGroupBlocks; ++lane) {
    blocks[lane] = uint64_t{first_block} + lane / 2 + (lane % 2) * (kGroupBlocks / 2);
  }
  return hn::LoadU(d64, blocks);
}

void Run(const Job& job) {
  const Generator generator(job.id);
  const VF sigma = hn::Set(df, job.sigma);
  const V64 step = hn::Set(d64, kGroupBlocks);
  V64 blocks = FirstBlocks(job.first_block);
  size_t i = 0;
  for (; i + kGroupNumbers <= job.size; i += kGroupNumbers) {
    WriteGroup(Group(generator, blocks), sigma, job.base ? job.base + i : nullptr, job.out + i);
    blocks = hn::Add(blocks, step);
  }
  if (i < job.size) {
    WriteTail(Group(generator, blocks), sigma, job.base ? job.base + i : nullptr, job.out + i,
              job.size - i);
  }
}

}  // namespace

void RunForTarget(const Job& job) { Run(job); }

}  // namespace dne::normal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE && defined(__x86_64__)
namespace dne::normal {

void RunAvx2(const Job& job) { N_AVX2::RunForTarget(job); }
void RunAvx512(const Job& job) { N_AVX3::RunForTarget(job); }

}  // namespace dne::normal
#endif
