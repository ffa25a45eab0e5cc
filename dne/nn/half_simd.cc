// SPDX-License-Identifier: MIT
// Rounding to 16 bits, for which every vector path has instructions.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/half_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "dne/nn/half.h"
#include "dne/nn/kernels.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

HWY_INLINE VHalf Rounded(VF x) {
  const VF largest = hn::Set(df, kLargestHalf);
  const VF bounded = hn::IfThenElse(hn::Gt(hn::Abs(x), largest), hn::CopySign(largest, x), x);
  return hn::DemoteTo(dhalf, bounded);
}

// of(numbers at i, i) for all of them, the last ones with what pads a vector.
template <class Of>
HWY_INLINE void ForEachVector(std::span<const float> numbers, const Of& of) {
  size_t i = 0;
  for (; i + kLanes <= numbers.size(); i += kLanes) of(hn::LoadU(df, numbers.data() + i), i);
  if (i == numbers.size()) return;
  alignas(64) float rest[kLanes] = {};
  std::copy(numbers.begin() + static_cast<ptrdiff_t>(i), numbers.end(), rest);
  of(hn::Load(df, rest), i);
}

}  // namespace

void RoundToHalves(std::span<const float> numbers, uint16_t* halves) {
  ForEachVector(numbers, [&](VF x, size_t i) {
    hn::StoreU(Rounded(x), dhalf, reinterpret_cast<hwy::float16_t*>(halves + i));
  });
}

void RoundFloats(std::span<const float> numbers, float* rounded) {
  ForEachVector(numbers, [&](VF x, size_t i) {
    const VF value = hn::PromoteTo(df, Rounded(x));
    if (i + kLanes <= numbers.size()) return hn::StoreU(value, df, rounded + i);
    alignas(64) float rest[kLanes];
    hn::Store(value, df, rest);
    std::copy(rest, rest + (numbers.size() - i), rounded + i);
  });
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void RoundToHalves<DNE_VECTOR_PATH>(std::span<const float> numbers, uint16_t* halves) {
  HWY_NAMESPACE::RoundToHalves(numbers, halves);
}
template <>
void RoundFloats<DNE_VECTOR_PATH>(std::span<const float> numbers, float* rounded) {
  HWY_NAMESPACE::RoundFloats(numbers, rounded);
}

}  // namespace dne::nn
#endif
