// SPDX-License-Identifier: MIT
// The normal noise on AVX2 and AVX-512: the expressions of normal.cc, one number a lane.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/random/normal_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/base/vectors-inl.h"
#include "dne/random/normal_kernels.h"
#include "dne/random/philox.h"

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
HWY_BEFORE_NAMESPACE();
namespace dne::normal::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

using D64 = hn::ScalableTag<uint64_t>;
using V64 = hn::Vec<D64>;
constexpr D64 d64;

// Philox blocks are drawn one in each 64-bit lane, the words in the low halves (whatever the high
// halves hold is never read): the layout of the widening multiply. A group is two such vectors,
// side by side in every step: a processor's scheduler holds fewer instructions than one of these
// long chains has, and would wait at its latencies (a fifth of the time).
constexpr size_t kWays = 3;
constexpr size_t kWayBlocks = HWY_LANES(uint64_t);
constexpr size_t kGroupBlocks = kWays * kWayBlocks;
constexpr size_t kGroupNumbers = 4 * kGroupBlocks;

#define DNE_EACH_WAY \
  HWY_UNROLL(kWays)  \
  for (size_t way = 0; way < kWays; ++way)

struct Blocks {
  V64 way[kWays];
};

// Words of one way's blocks, those of a block side by side: 0 and 2, 1 and 3.
struct Words {
  VU w02, w13;
};

// Numbers of a group in stream order.
struct Numbers {
  VF part[2 * kWays];
};

HWY_INLINE V64 WideMul(V64 a, V64 b) { return hn::MulEven(hn::BitCast(du, a), hn::BitCast(du, b)); }

// The high half of each lane in the low half. A shuffle, since shifts share a port with multiplies.
HWY_INLINE V64 High(V64 product) {
  return hn::BitCast(d64, hn::Shuffle2301(hn::BitCast(du, product)));
}

HWY_INLINE VU Pack(V64 even, V64 odd) {
  return hn::OddEven(hn::BitCast(du, High(odd)), hn::BitCast(du, even));
}

// Philox (dne/random/stream.cc) with all that the block number does not reach computed beforehand:
// the first round's second product, the second round's first, and sums of constants with keys.
class Generator {
 public:
  explicit Generator(const StreamId& id) {
    auto key0 = static_cast<uint32_t>(id.seed);
    auto key1 = static_cast<uint32_t>(id.seed >> 32);
    for (int round = 0; round < philox::kRounds; ++round) {
      key0_[round] = key0;
      key1_[round] = key1;
      key0 += philox::kKeyStep0;
      key1 += philox::kKeyStep1;
    }
    const uint64_t product1 = uint64_t{philox::kMultiplier1} * id.generation;
    const uint32_t w0 = static_cast<uint32_t>(product1 >> 32) ^ id.item ^ key0_[0];
    const uint64_t product0 = uint64_t{philox::kMultiplier0} * w0;
    key1_[0] ^= static_cast<uint32_t>(id.purpose);
    key0_[1] ^= static_cast<uint32_t>(product1);
    key1_[1] ^= static_cast<uint32_t>(product0 >> 32);
    key1_[2] ^= static_cast<uint32_t>(product0);
  }

  HWY_INLINE void Draw(const Blocks& blocks, Words (&words)[kWays]) const {
    const V64 multiplier0 = hn::Set(d64, philox::kMultiplier0);
    const V64 multiplier1 = hn::Set(d64, philox::kMultiplier1);
    V64 w0[kWays], w1[kWays], w2[kWays], w3[kWays];
    DNE_EACH_WAY {  // rounds 1 and 2; word 3 is a part of the next key
      const V64 product0 = WideMul(blocks.way[way], multiplier0);
      w1[way] = WideMul(hn::Xor(High(product0), Key(key1_[0])), multiplier1);
      w0[way] = hn::Xor(High(w1[way]), Key(key0_[1]));
      w2[way] = hn::Xor(product0, Key(key1_[1]));
      w3[way] = hn::Zero(d64);
    }
    HWY_UNROLL(philox::kRounds)
    for (int round = 2; round < philox::kRounds - 1; ++round) {
      DNE_EACH_WAY {
        const V64 product0 = WideMul(w0[way], multiplier0);
        const V64 product1 = WideMul(w2[way], multiplier1);
        w0[way] = hn::Xor3(High(product1), w1[way], Key(key0_[round]));
        w2[way] = hn::Xor3(High(product0), w3[way], Key(key1_[round]));
        w1[way] = product1;
        w3[way] = product0;
      }
    }
    DNE_EACH_WAY {
      words[way] = LastRound(WideMul(w0[way], multiplier0), WideMul(w2[way], multiplier1),
                             Pack(w1[way], w3[way]));
    }
  }

 private:
  static HWY_INLINE V64 Key(uint32_t key) { return hn::Set(d64, key); }

  // Packed, that is in half as many steps.
  HWY_INLINE Words LastRound(V64 product0, V64 product1, VU w13) const {
    constexpr int kLast = philox::kRounds - 1;
    const VU high = hn::OddEven(hn::BitCast(du, product0), hn::BitCast(du, High(product1)));
    const V64 keys = hn::Set(d64, key0_[kLast] | uint64_t{key1_[kLast]} << 32);
    return {hn::Xor3(high, w13, hn::BitCast(du, keys)), Pack(product1, product0)};
  }

  uint32_t key0_[philox::kRounds], key1_[philox::kRounds];
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

// The blocks of a group, in the order that BoxMuller's interleaving undoes: it collects the even
// lanes into the first half of a way and the odd lanes into the second.
HWY_INLINE Blocks FirstBlocks(uint32_t first_block) {
  Blocks blocks;
  for (size_t way = 0; way < kWays; ++way) {
    uint64_t lanes[kWayBlocks];
    for (size_t lane = 0; lane < kWayBlocks; ++lane) {
      lanes[lane] =
          uint64_t{first_block} + way * kWayBlocks + lane / 2 + (lane % 2) * (kWayBlocks / 2);
    }
    blocks.way[way] = hn::LoadU(d64, lanes);
  }
  return blocks;
}

void Run(const Job& job) {
  const Generator generator(job.id);
  const VF sigma = hn::Set(df, job.sigma);
  const V64 step = hn::Set(d64, kGroupBlocks);
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
    DNE_EACH_WAY { blocks.way[way] = hn::Add(blocks.way[way], step); }
  }
}

#undef DNE_EACH_WAY

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
