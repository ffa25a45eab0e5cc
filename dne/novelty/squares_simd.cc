// SPDX-License-Identifier: MIT
// Squared differences of states on AVX2, which serves AVX-512 as well: with states of 128 bytes,
// vectors of 64 were slower.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/novelty/squares_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/base/vectors-inl.h"
#include "dne/novelty/squares.h"

#if HWY_TARGET == HWY_AVX2
HWY_BEFORE_NAMESPACE();
namespace dne::novelty::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

constexpr hn::ScalableTag<uint8_t> d8;
constexpr hn::ScalableTag<int16_t> d16;
using V16 = hn::Vec<decltype(d16)>;
constexpr size_t kBytes = HWY_LANES(uint8_t);

// Sums of the squared differences of a vector's bytes, four in each lane.
HWY_INLINE VI Squares(const uint8_t* x, const uint8_t* y) {
  const auto a = hn::LoadU(d8, x);
  const auto b = hn::LoadU(d8, y);
  const auto difference = hn::Or(hn::SaturatedSub(a, b), hn::SaturatedSub(b, a));
  const V16 pairs = hn::BitCast(d16, difference);
  const V16 even = hn::And(pairs, hn::Set(d16, 0xFF));
  const V16 odd = hn::BitCast(
      d16, hn::ShiftRight<8>(hn::BitCast(hn::RebindToUnsigned<decltype(d16)>(), pairs)));
  VI unused = hn::Zero(di);
  const VI sum = hn::ReorderWidenMulAccumulate(di, even, even, hn::Zero(di), unused);
  return hn::ReorderWidenMulAccumulate(di, odd, odd, sum, unused);
}

void Run(const States& a, const States& b, size_t state_size, std::span<uint32_t> squares) {
  const size_t whole = state_size / kBytes * kBytes;
  for (size_t t = 0; t < squares.size(); ++t) {
    const uint8_t* x = a.data + t * a.stride;
    const uint8_t* y = b.data + t * b.stride;
    VI sums = hn::Zero(di);
    for (size_t i = 0; i < whole; i += kBytes) sums = hn::Add(sums, Squares(x + i, y + i));
    auto sum = static_cast<uint32_t>(hn::GetLane(hn::SumOfLanes(di, sums)));
    for (size_t i = whole; i < state_size; ++i) {
      const int difference = x[i] - y[i];
      sum += static_cast<uint32_t>(difference * difference);
    }
    squares[t] = sum;
  }
}

}  // namespace

}  // namespace dne::novelty::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::novelty {

void StepSquaresAvx2(const States& a, const States& b, size_t state_size,
                     std::span<uint32_t> squares) {
  HWY_NAMESPACE::Run(a, b, state_size, squares);
}

}  // namespace dne::novelty
#endif
