// SPDX-License-Identifier: MIT
// Finds what changed in an observation and scales it, with vectors.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/input_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <cstring>

#include "dne/nn/kernels.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

HWY_INLINE float Scale(uint8_t byte) { return static_cast<float>(byte) * (1 / 255.0f); }

// Four channels are one 32-bit lane a position: Lanes(d) positions at a time, from `first` on.
// Returns the first position left over.
template <class D>
HWY_INLINE size_t ScaleFourChannels(D d, const ImageRow& row, size_t first) {
  const hn::Rebind<uint8_t, D> d8;
  const size_t step = hn::Lanes(d);
  for (; first + step <= row.positions; first += step) {
    const uint8_t* now = row.now + 4 * first;
    uint8_t* before = row.before + 4 * first;
    const auto pixels = hn::LoadU(d, reinterpret_cast<const uint32_t*>(now));
    const auto old = hn::LoadU(d, reinterpret_cast<const uint32_t*>(before));
    const auto differs = hn::Ne(pixels, old);
    const hn::RebindToSigned<D> ds;
    const auto flags = hn::BitCast(ds, hn::IfThenElseZero(differs, hn::Set(d, 1)));
    hn::StoreU(hn::DemoteTo(d8, flags), d8, row.changed + first);
    if (!row.all && hn::AllFalse(d, differs)) continue;
    hn::StoreU(pixels, d, reinterpret_cast<uint32_t*>(before));
    const hn::Rebind<float, D> dx;
    for (size_t i = 0; i < 4 * step; i += step) {
      const auto value = hn::ConvertTo(dx, hn::PromoteTo(ds, hn::LoadU(d8, now + i)));
      hn::StoreU(hn::Mul(value, hn::Set(dx, 1 / 255.0f)), dx, row.x + 4 * first + i);
    }
  }
  return first;
}

void ScaleAnyChannels(const ImageRow& row, size_t first) {
  for (size_t p = first; p < row.positions; ++p) {
    const size_t at = p * row.channels;
    row.changed[p] = std::memcmp(row.now + at, row.before + at, row.channels) != 0;
    if (!row.all && !row.changed[p]) continue;
    for (size_t c = at; c < at + row.channels; ++c) {
      row.before[c] = row.now[c];
      row.x[c] = Scale(row.now[c]);
    }
  }
}

}  // namespace

void ScaleRow(const ImageRow& row) {
  size_t first = 0;
  if (row.channels == 4) {
    first = ScaleFourChannels(du, row, first);
    first = ScaleFourChannels(hn::FixedTag<uint32_t, 4>(), row, first);
  }
  ScaleAnyChannels(row, first);
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void ScaleRow<DNE_VECTOR_PATH>(const ImageRow& row) {
  HWY_NAMESPACE::ScaleRow(row);
}

}  // namespace dne::nn
#endif
