// SPDX-License-Identifier: MIT
// Normalises and activates a layer's sums on the reference batch, with vectors.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/normalise_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/nn/kernels.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

// One position. The sums of the next one follow at once, so a vector's rest is left alone.
HWY_INLINE bool NormalisePosition(const NormalisedRow& row, const float* before, float* x) {
  bool changed = false;
  for (size_t c = 0; c < row.channels; c += kLanes) {
    const VF sum = hn::LoadU(df, x + c);
    const VF affine = hn::MulAdd(sum, hn::LoadU(df, row.scale + c), hn::LoadU(df, row.shift + c));
    const VF value = Activate(row.activation, affine);
    const auto mask = hn::FirstN(du, row.channels - c);
    const auto differs = hn::Ne(hn::BitCast(du, value), hn::BitCast(du, hn::LoadU(df, before + c)));
    changed |= !hn::AllFalse(du, hn::And(mask, differs));
    hn::BlendedStore(value, hn::RebindMask(df, mask), df, x + c);
  }
  return changed;
}

}  // namespace

void NormaliseRow(const NormalisedRow& row) {
  for (size_t p = 0; p < row.positions; ++p) {
    const size_t at = p * row.channels;
    row.changed[p] = NormalisePosition(row, row.before + at, row.x + at);
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void NormaliseRow<DNE_VECTOR_PATH>(const NormalisedRow& row) {
  HWY_NAMESPACE::NormaliseRow(row);
}

}  // namespace dne::nn
#endif
