// SPDX-License-Identifier: MIT
// The signs with vectors: a group of Philox blocks, then a vector of parameters for each of
// their bytes, or pairs of bytes.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/random/signs_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "dne/base/vectors-inl.h"
#include "dne/random/philox-inl.h"
#include "dne/random/signs.h"
#include "dne/random/signs_kernels.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::signs::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;
using namespace philox::HWY_NAMESPACE;

constexpr size_t kGroupWords = 4 * kGroupBlocks;
constexpr size_t kGroupSigns = kSignsOfBlock * kGroupBlocks;

// In stream order. The bits of the bytes are those of the words: all code paths are little-endian.
struct Bits {
  alignas(64) uint32_t words[kGroupWords];

  // Those of a vector, from bit i on.
  HWY_INLINE hn::Mask<DF> mask(size_t i) const {
    if constexpr (kLanes % 8 == 0) {
      return hn::LoadMaskBits(df, reinterpret_cast<const uint8_t*>(words) + i / 8);
    } else {
      const VU lane_bit = hn::Shl(hn::Set(du, 1), hn::Iota(du, 0));
      return hn::RebindMask(df, hn::TestBit(hn::Set(du, words[i / 32] >> (i % 32)), lane_bit));
    }
  }
  bool at(size_t i) const { return (words[i / 32] >> (i % 32)) & 1; }
};

HWY_INLINE void DrawGroup(const Generator& generator, const Blocks& blocks, Bits& bits) {
  Words words[kWays];
  generator.Draw(blocks, words);
  DNE_EACH_WAY {
    uint32_t* const out = bits.words + 2 * way * kLanes;
    hn::Store(hn::InterleaveLower(du, words[way].w02, words[way].w13), du, out);
    hn::Store(hn::InterleaveUpper(du, words[way].w02, words[way].w13), du, out + kLanes);
  }
}

// The first `size` signs of a group.
HWY_INLINE void WriteGroup(const Bits& bits, float sigma, const float* base, float* out,
                           float* minus, size_t size) {
  const VF plus_one = hn::Set(df, sigma);
  const VF minus_one = hn::Neg(plus_one);
  size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    const auto is_minus = bits.mask(i);
    const VF noise = hn::IfThenElse(is_minus, minus_one, plus_one);
    const VF numbers = hn::LoadU(df, base + i);
    hn::StoreU(hn::Add(numbers, noise), df, out + i);
    if (minus) hn::StoreU(hn::Sub(numbers, noise), df, minus + i);
  }
  for (; i < size; ++i) {
    const float noise = bits.at(i) ? -sigma : sigma;
    const float number = base[i];
    out[i] = number + noise;
    if (minus) minus[i] = number - noise;
  }
}

template <bool kPair>
void Run(const Job& job) {
  const Generator generator(job.id);
  Blocks blocks = FirstBlocks(job.first_block);
  Bits bits;
  for (size_t i = 0; i < job.size; i += kGroupSigns) {
    DrawGroup(generator, blocks, bits);
    WriteGroup(bits, job.sigma, job.base + i, job.out + i, kPair ? job.minus + i : nullptr,
               std::min(kGroupSigns, job.size - i));
    NextBlocks(blocks);
  }
}

}  // namespace

void Run(const Job& job) { job.minus ? Run<true>(job) : Run<false>(job); }

}  // namespace dne::signs::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::signs {

template <>
void RunVector<DNE_VECTOR_PATH>(const Job& job) {
  HWY_NAMESPACE::Run(job);
}

}  // namespace dne::signs
#endif
