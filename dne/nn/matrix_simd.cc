// SPDX-License-Identifier: MIT
// Products of matrices with vectors: tiles of rows x columns that stay in registers while
// they walk along the sums. Vectors run over columns, never over a sum.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/matrix_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "dne/nn/matrix.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

// Sums of a tile: 24 of 32 registers, or 12 of 16; narrow ones have more rows instead.
constexpr int kTileVectors = kThirtyTwoRegisters ? 4 : 2;
constexpr int kTileRows = 6;
constexpr int kNarrowRows = kThirtyTwoRegisters ? 12 : 6;  // of up to half the vectors

// Terms that go to all rows before the next ones, so that their part of `b` stays in the cache.
constexpr size_t kBlockDepth = 256;

// R rows x V vectors of sums, of the last vector the lanes `last`.
template <int R, int V>
HWY_INLINE void LoadSums(const Product& p, const FirstLanes& last, const float* c,
                         VF (&sum)[R][V]) {
#pragma GCC unroll 12
  for (size_t r = 0; r < R; ++r, c += p.c_pitch) {
#pragma GCC unroll 4
    for (size_t v = 0; v < V; ++v) {
      sum[r][v] = p.from_zero ? hn::Zero(df)
                  : v + 1 < V ? hn::LoadU(df, c + v * kLanes)
                              : last.Load(c + v * kLanes);
    }
  }
}
template <int R, int V>
HWY_INLINE void StoreSums(const Product& p, const FirstLanes& last, const VF (&sum)[R][V],
                          float* c) {
#pragma GCC unroll 12
  for (size_t r = 0; r < R; ++r, c += p.c_pitch) {
#pragma GCC unroll 4
    for (size_t v = 0; v + 1 < V; ++v) hn::StoreU(sum[r][v], df, c + v * kLanes);
    last.Store(sum[r][V - 1], c + (V - 1) * kLanes);
  }
}

// All terms of a tile.
template <int R, int V>
HWY_NOINLINE void MultiplyTile(const Product& p, const float* a, const float* b, float* c,
                               size_t columns) {
  const FirstLanes last(columns - (V - 1) * kLanes);
  VF sum[R][V];
  LoadSums<R, V>(p, last, c, sum);
  for (size_t s = 0; s < p.segments; ++s) {
    const float* x = a + s * p.a_segment_step;
    const float* y = b + s * p.b_segment_step;
    for (size_t i = 0; i < p.depth; ++i, x += p.a_depth_step, y += p.b_pitch) {
      VF w[V];
#pragma GCC unroll 4
      for (size_t v = 0; v + 1 < V; ++v) w[v] = hn::LoadU(df, y + v * kLanes);
      w[V - 1] = last.Load(y + (V - 1) * kLanes);
#pragma GCC unroll 12
      for (size_t r = 0; r < R; ++r) {
        const VF value = hn::Set(df, x[r * p.a_row_step]);
#pragma GCC unroll 4
        for (size_t v = 0; v < V; ++v) sum[r][v] = hn::MulAdd(value, w[v], sum[r][v]);
      }
    }
  }
  StoreSums<R, V>(p, last, sum, c);
}

// The kernel of exactly `rows` rows, at most R.
template <int R, int V>
void MultiplyRows(const Product& p, size_t rows, const float* a, const float* b, float* c,
                  size_t columns) {
  if constexpr (R > 1) {
    if (rows < R) return MultiplyRows<R - 1, V>(p, rows, a, b, c, columns);
  }
  MultiplyTile<R, V>(p, a, b, c, columns);
}

// All rows of up to V vectors of columns, in tiles of about equal size.
template <int V>
void MultiplyColumns(const Product& p, const float* b, float* c, size_t columns) {
  if constexpr (V > 1) {
    if (columns <= (V - 1) * kLanes) return MultiplyColumns<V - 1>(p, b, c, columns);
  }
  constexpr int kRows = 2 * V <= kTileVectors ? kNarrowRows : kTileRows;
  size_t row = 0;
  for (size_t tiles = (p.rows + kRows - 1) / kRows; tiles > 0; --tiles) {
    const size_t rows = (p.rows - row + tiles - 1) / tiles;
    MultiplyRows<kRows, V>(p, rows, p.a + row * p.a_row_step, b, c + row * p.c_pitch, columns);
    row += rows;
  }
}

void MultiplyBlock(const Product& p) {
  for (size_t column = 0; column < p.columns; column += kTileVectors * kLanes) {
    MultiplyColumns<kTileVectors>(p, p.b + column, p.c + column,
                                  std::min(p.columns - column, kTileVectors * kLanes));
  }
}

// Slope of activation.h, operation by operation.
HWY_INLINE VF SlopeVector(Activation activation, VF y) {
  const VF one = hn::Set(df, 1.0f);
  const auto positive = hn::Gt(y, hn::Zero(df));
  switch (activation) {
    case Activation::kRelu:
      return hn::IfThenElseZero(positive, one);
    case Activation::kTanh:
      return hn::Sub(one, hn::Mul(y, y));
    case Activation::kSelu:
      return hn::IfThenElse(positive, hn::Set(df, kSeluScale),
                            hn::Add(y, hn::Set(df, kSeluScaleAlpha)));
    case Activation::kSigmoid:
      return hn::Mul(y, hn::Sub(one, y));
    case Activation::kLinear:
      return one;
  }
  return one;
}

}  // namespace

void MultiplyAdd(const Product& p) {
  if (p.segments > 1) return MultiplyBlock(p);
  Product block = p;
  for (size_t first = 0; first < p.depth; first += kBlockDepth) {
    block.depth = std::min(p.depth - first, kBlockDepth);
    block.a = p.a + first * p.a_depth_step;
    block.b = p.b + first * p.b_pitch;
    block.from_zero = p.from_zero && first == 0;
    MultiplyBlock(block);
  }
}

void Add(const float* from, size_t count, float* to) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    hn::StoreU(hn::Add(hn::LoadU(df, to + i), hn::LoadU(df, from + i)), df, to + i);
  }
  for (; i < count; ++i) to[i] += from[i];
}

void KeepLarger(const float* values, uint32_t at, size_t count, float* largest, uint32_t* chosen) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const VF value = hn::LoadU(df, values + i);
    const auto larger = hn::Gt(value, hn::LoadU(df, largest + i));
    hn::BlendedStore(value, larger, df, largest + i);
    hn::BlendedStore(hn::Iota(du, at + static_cast<uint32_t>(i)), hn::RebindMask(du, larger), du,
                     chosen + i);
  }
  for (; i < count; ++i) {
    if (!(values[i] > largest[i])) continue;
    largest[i] = values[i];
    chosen[i] = at + static_cast<uint32_t>(i);
  }
}

void ActivateAll(Activation activation, std::span<float> values, float* slopes) {
  for (size_t i = 0; i < values.size(); i += kLanes) {
    const FirstLanes lanes(values.size() - i);
    const VF y = Activate(activation, lanes.Load(values.data() + i));
    lanes.Store(y, values.data() + i);
    lanes.Store(SlopeVector(activation, y), slopes + i);
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void MultiplyAdd<DNE_VECTOR_PATH>(const Product& product) {
  HWY_NAMESPACE::MultiplyAdd(product);
}
template <>
void Add<DNE_VECTOR_PATH>(const float* from, size_t count, float* to) {
  HWY_NAMESPACE::Add(from, count, to);
}
template <>
void KeepLarger<DNE_VECTOR_PATH>(const float* values, uint32_t at, size_t count, float* largest,
                                 uint32_t* chosen) {
  HWY_NAMESPACE::KeepLarger(values, at, count, largest, chosen);
}
template <>
void ActivateAll<DNE_VECTOR_PATH>(Activation activation, std::span<float> values, float* slopes) {
  HWY_NAMESPACE::ActivateAll(activation, values, slopes);
}

}  // namespace dne::nn
#endif
