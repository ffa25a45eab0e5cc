// SPDX-License-Identifier: MIT
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/bench/peak_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/base/vectors-inl.h"
#include "dne/bench/peak.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

// Two units of a latency of up to 6, or four of 4.
constexpr int kSums = kThirtyTwoRegisters ? 16 : 12;
constexpr uint64_t kTurns = 200'000;
volatile float factor = 0.999f;  // unknown to the compiler
volatile float sink;

}  // namespace

uint64_t MultiplyAdds() {
  const VF x = hn::Set(df, factor);
  VF sums[kSums];
#pragma GCC unroll 16
  for (VF& sum : sums) sum = hn::Set(df, factor);
  for (uint64_t i = 0; i < kTurns; ++i) {
#pragma GCC unroll 16
    for (VF& sum : sums) sum = hn::MulAdd(sum, x, x);
  }
#pragma GCC unroll 16
  for (VF& sum : sums) sink = hn::GetLane(sum);
  return kTurns * kSums * kLanes * 2;
}

}  // namespace dne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne {

template <>
uint64_t MultiplyAdds<DNE_VECTOR_PATH>() {
  return HWY_NAMESPACE::MultiplyAdds();
}

}  // namespace dne
#endif
