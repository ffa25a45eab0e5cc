// SPDX-License-Identifier: MIT
// The vectors of all kernels; included once a target.
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dne/base/isa.h"

#if defined(DNE_BASE_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DNE_BASE_VECTORS_INL_H_
#undef DNE_BASE_VECTORS_INL_H_
#else
#define DNE_BASE_VECTORS_INL_H_
#endif

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::vectors::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using DF = hn::ScalableTag<float>;
using DU = hn::ScalableTag<uint32_t>;
using DI = hn::ScalableTag<int32_t>;
using VF = hn::Vec<DF>;
using VU = hn::Vec<DU>;
using VI = hn::Vec<DI>;

constexpr DF df;
constexpr DU du;
constexpr DI di;
constexpr size_t kLanes = HWY_LANES(float);

constexpr Isa kPath = HWY_TARGET == HWY_AVX2   ? Isa::kAvx2
                      : HWY_TARGET == HWY_AVX3 ? Isa::kAvx512
                                               : Isa::kNeon;
constexpr bool kThirtyTwoRegisters = HWY_TARGET != HWY_AVX2;

// The first lanes of a vector, at most all: nothing behind them is read or written. Those that are
// not read are zero.
class FirstLanes {
 public:
  explicit HWY_INLINE FirstLanes(size_t count)
      : count_(count < kLanes ? count : kLanes), mask_(hn::FirstN(df, count)) {}

  HWY_INLINE VF Load(const float* from) const {
    if constexpr (kMasksMemory) return hn::MaskedLoad(mask_, df, from);
    if (count_ == kLanes) return hn::LoadU(df, from);
    HWY_ALIGN float part[kLanes] = {};
    std::memcpy(part, from, count_ * sizeof(float));
    return hn::Load(df, part);
  }

  HWY_INLINE void Store(VF value, float* to) const {
    if constexpr (kMasksMemory) return hn::BlendedStore(value, mask_, df, to);
    if (count_ == kLanes) return hn::StoreU(value, df, to);
    HWY_ALIGN float part[kLanes];
    hn::Store(value, df, part);
    std::memcpy(to, part, count_ * sizeof(float));
  }

 private:
  static constexpr bool kMasksMemory = HWY_TARGET != HWY_NEON;

  size_t count_;
  hn::Mask<DF> mask_;
};

}  // namespace dne::vectors::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
