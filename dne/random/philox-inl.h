// SPDX-License-Identifier: MIT
// Philox4x32-10 for vector kernels, many blocks of a stream at a time; included once a target.
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "dne/random/philox.h"
#include "dne/random/stream.h"

#if defined(DNE_RANDOM_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DNE_RANDOM_PHILOX_INL_H_
#undef DNE_RANDOM_PHILOX_INL_H_
#else
#define DNE_RANDOM_PHILOX_INL_H_
#endif

#include "dne/base/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::philox::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

using D64 = hn::ScalableTag<uint64_t>;
using V64 = hn::Vec<D64>;
constexpr D64 d64;

// Philox blocks are drawn one in each 64-bit lane, the words in the low halves (whatever the high
// halves hold is never read): the layout of the widening multiply. A group is a few such vectors,
// side by side in every step: a processor's scheduler holds fewer instructions than one of these
// long chains has, and would wait at its latencies (a fifth of the time).
constexpr size_t kWays = 3;
constexpr size_t kWayBlocks = HWY_LANES(uint64_t);
constexpr size_t kGroupBlocks = kWays * kWayBlocks;

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
    for (int round = 0; round < kRounds; ++round) {
      key0_[round] = key0;
      key1_[round] = key1;
      key0 += kKeyStep0;
      key1 += kKeyStep1;
    }
    const uint64_t product1 = uint64_t{kMultiplier1} * id.generation;
    const uint32_t w0 = static_cast<uint32_t>(product1 >> 32) ^ id.item ^ key0_[0];
    const uint64_t product0 = uint64_t{kMultiplier0} * w0;
    key1_[0] ^= static_cast<uint32_t>(id.purpose);
    key0_[1] ^= static_cast<uint32_t>(product1);
    key1_[1] ^= static_cast<uint32_t>(product0 >> 32);
    key1_[2] ^= static_cast<uint32_t>(product0);
  }

  HWY_INLINE void Draw(const Blocks& blocks, Words (&words)[kWays]) const {
    const V64 multiplier0 = hn::Set(d64, kMultiplier0);
    const V64 multiplier1 = hn::Set(d64, kMultiplier1);
    V64 w0[kWays], w1[kWays], w2[kWays], w3[kWays];
    DNE_EACH_WAY {  // rounds 1 and 2; word 3 is a part of the next key
      const V64 product0 = WideMul(blocks.way[way], multiplier0);
      w1[way] = WideMul(hn::Xor(High(product0), Key(key1_[0])), multiplier1);
      w0[way] = hn::Xor(High(w1[way]), Key(key0_[1]));
      w2[way] = hn::Xor(product0, Key(key1_[1]));
      w3[way] = hn::Zero(d64);
    }
    HWY_UNROLL(kRounds)
    for (int round = 2; round < kRounds - 1; ++round) {
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
    constexpr int kLast = kRounds - 1;
    const VU high = hn::OddEven(hn::BitCast(du, product0), hn::BitCast(du, High(product1)));
    const V64 keys = hn::Set(d64, key0_[kLast] | uint64_t{key1_[kLast]} << 32);
    return {hn::Xor3(high, w13, hn::BitCast(du, keys)), Pack(product1, product0)};
  }

  uint32_t key0_[kRounds], key1_[kRounds];
};

// The blocks of a group, in the order that interleaving undoes: it collects the even lanes into the
// first half of a way and the odd lanes into the second.
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

HWY_INLINE void NextBlocks(Blocks& blocks) {
  DNE_EACH_WAY { blocks.way[way] = hn::Add(blocks.way[way], hn::Set(d64, kGroupBlocks)); }
}

}  // namespace dne::philox::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
