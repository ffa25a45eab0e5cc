// SPDX-License-Identifier: MIT
// Outer products with vectors: a tile of the matrix stays in registers while all products
// pass over it.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/random/outer_products_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "dne/base/vectors-inl.h"
#include "dne/random/outer_products_kernels.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::outer_products::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

// Of 16 registers, or 32, the tile takes most; the others hold factors.
constexpr size_t kTileRows = kThirtyTwoRegisters ? 8 : 4;
constexpr size_t kTileVectors = kThirtyTwoRegisters ? 3 : 2;

constexpr size_t kCachedVectors = 16 * 1024 / (kLanes * sizeof(float));

// kRows rows of kVectors vectors, from row `i` and column `o` on.
template <size_t kRows, size_t kVectors>
HWY_INLINE void Tile(const OuterProducts& p, size_t i, size_t o) {
  VF sums[kRows][kVectors];
  HWY_UNROLL(kTileRows)
  for (size_t row = 0; row < kRows; ++row) {
    HWY_UNROLL(kTileVectors)
    for (size_t v = 0; v < kVectors; ++v) {
      sums[row][v] = hn::LoadU(df, p.base + (i + row) * p.stride + o + v * kLanes);
    }
  }
  for (size_t k = 0; k < p.count; ++k) {
    const float* const left = p.left + k * p.left_stride + i;
    VF right[kVectors];
    HWY_UNROLL(kTileVectors)
    for (size_t v = 0; v < kVectors; ++v) {
      right[v] = hn::LoadU(df, p.right + k * p.right_stride + o + v * kLanes);
    }
    HWY_UNROLL(kTileRows)
    for (size_t row = 0; row < kRows; ++row) {
      const VF factor = hn::Set(df, left[row]);
      HWY_UNROLL(kTileVectors)
      for (size_t v = 0; v < kVectors; ++v) {
        sums[row][v] = hn::MulAdd(factor, right[v], sums[row][v]);
      }
    }
  }
  HWY_UNROLL(kTileRows)
  for (size_t row = 0; row < kRows; ++row) {
    HWY_UNROLL(kTileVectors)
    for (size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(sums[row][v], df, p.out + (i + row) * p.stride + o + v * kLanes);
    }
  }
}

// Columns first .. end, which whole vectors fill.
template <size_t kRows>
HWY_INLINE void Rows(const OuterProducts& p, size_t i, size_t first, size_t end) {
  size_t o = first;
  for (; o + kTileVectors * kLanes <= end; o += kTileVectors * kLanes) {
    Tile<kRows, kTileVectors>(p, i, o);
  }
  for (; o < end; o += kLanes) Tile<kRows, 1>(p, i, o);
}

// Those that fill no vector.
HWY_INLINE void LastColumns(OuterProducts p, size_t first) {
  p.right += first;
  p.base += first;
  p.out += first;
  p.columns -= first;
  RunScalar(p);
}

// Right factors of so many columns at a time stay in the first-level cache while rows pass.
void Run(const OuterProducts& p) {
  const size_t vectors_end = p.columns / kLanes * kLanes;
  const size_t width =
      std::max(kTileVectors, kCachedVectors / std::max<size_t>(1, p.count)) * kLanes;
  for (size_t first = 0; first < vectors_end; first += width) {
    const size_t end = std::min(first + width, vectors_end);
    size_t i = 0;
    for (; i + kTileRows <= p.rows; i += kTileRows) Rows<kTileRows>(p, i, first, end);
    for (; i < p.rows; ++i) Rows<1>(p, i, first, end);
  }
  if (vectors_end < p.columns) LastColumns(p, vectors_end);
}

}  // namespace

}  // namespace dne::outer_products::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::outer_products {

template <>
void RunVector<DNE_VECTOR_PATH>(const OuterProducts& products) {
  HWY_NAMESPACE::Run(products);
}

}  // namespace dne::outer_products
#endif
