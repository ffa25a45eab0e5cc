// SPDX-License-Identifier: MIT
// The vectors of all kernels; included once a target.
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#if defined(DNE_BASE_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DNE_BASE_VECTORS_INL_H_
#undef DNE_BASE_VECTORS_INL_H_
#else
#define DNE_BASE_VECTORS_INL_H_
#endif

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
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

}  // namespace dne::vectors::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
