// SPDX-License-Identifier: MIT
// Products of matrices on AVX2 and AVX-512: tiles of rows x columns that stay in registers while
// they walk along the sums. Vectors run over columns, never over a sum.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/matrix_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "dne/nn/matrix.h"
#include "dne/nn/vectors-inl.h"

#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

// Sums of a tile: 24 of 32 registers, or 12 of 16; narrow ones have more rows instead.
constexpr int kTileVectors = kThirtyTwoRegisters ? 4 : 2;
constexpr int kTileRows = 6;
constexpr int kNarrowRows = kThirtyTwoRegisters ? 12 : 6;  // of up to half the vectors

// Terms that go to all rows before the next ones, so that their part of `b` stays in the cache.
constexpr size_t kBlockDepth = 256;

// R rows x V vectors of sums, of the last vector the lanes under `last`.
template <int R, int V>
HWY_INLINE void LoadSums(const Product& p, hn::Mask<DF> last, const float* c, VF (&sum)[R][V]) {
#pragma GCC unroll 12
  for (size_t r = 0; r < R; ++r, c += p.c_pitch) {
#pragma GCC unroll 4
    for (size_t v = 0; v < V; ++v) {
      sum[r][v] = p.from_zero ? hn::Zero(df)
                  : v + 1 < V ? hn::LoadU(df, c + v * kLanes)
                              : hn::MaskedLoad(last, df, c + v * kLanes);
    }
  }
}
template <int R, int V>
HWY_INLINE void StoreSums(const Product& p, hn::Mask<DF> last, const VF (&sum)[R][V], float* c) {
#pragma GCC unroll 12
  for (size_t r = 0; r < R; ++r, c += p.c_pitch) {
#pragma GCC unroll 4
    for (size_t v = 0; v + 1 < V; ++v) hn::StoreU(sum[r][v], df, c + v * kLanes);
    hn::BlendedStore(sum[r][V - 1], last, df, c + (V - 1) * kLanes);
  }
}

// All terms of a tile.
template <int R, int V>
HWY_NOINLINE void MultiplyTile(const Product& p, const float* a, const float* b, float* c,
                               size_t columns) {
  const auto last = hn::FirstN(df, columns - (V - 1) * kLanes);
  VF sum[R][V];
  LoadSums<R, V>(p, last, c, sum);
  for (size_t s = 0; s < p.segments; ++s) {
    const float* x = a + s * p.a_segment_step;
    const float* y = b + s * p.b_segment_step;
    for (size_t i = 0; i < p.depth; ++i, x += p.a_depth_step, y += p.b_pitch) {
      VF w[V];
#pragma GCC unroll 4
      for (size_t v = 0; v + 1 < V; ++v) w[v] = hn::LoadU(df, y + v * kLanes);
      w[V - 1] = hn::MaskedLoad(last, df, y + (V - 1) * kLanes);
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
  for (size_t i = 0; i < count; i += kLanes) {
    const auto inside = hn::FirstN(df, count - i);
    const VF value = hn::MaskedLoad(inside, df, values + i);
    const auto larger = hn::And(hn::Gt(value, hn::MaskedLoad(inside, df, largest + i)), inside);
    hn::BlendedStore(value, larger, df, largest + i);
    hn::BlendedStore(hn::Iota(du, at + static_cast<uint32_t>(i)), hn::RebindMask(du, larger), du,
                     chosen + i);
  }
}

void ActivateAll(Activation activation, std::span<float> values, float* slopes) {
  for (size_t i = 0; i < values.size(); i += kLanes) {
    const auto mask = hn::FirstN(df, values.size() - i);
    const VF y = Activate(activation, hn::MaskedLoad(mask, df, values.data() + i));
    hn::BlendedStore(y, mask, df, values.data() + i);
    hn::BlendedStore(SlopeVector(activation, y), mask, df, slopes + i);
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE && defined(__x86_64__)
namespace dne::nn {

void MultiplyAddAvx2(const Product& product) { N_AVX2::MultiplyAdd(product); }
void MultiplyAddAvx512(const Product& product) { N_AVX3::MultiplyAdd(product); }
void AddAvx2(const float* from, size_t count, float* to) { N_AVX2::Add(from, count, to); }
void AddAvx512(const float* from, size_t count, float* to) { N_AVX3::Add(from, count, to); }
void KeepLargerAvx2(const float* values, uint32_t at, size_t count, float* largest,
                    uint32_t* chosen) {
  N_AVX2::KeepLarger(values, at, count, largest, chosen);
}
void KeepLargerAvx512(const float* values, uint32_t at, size_t count, float* largest,
                      uint32_t* chosen) {
  N_AVX3::KeepLarger(values, at, count, largest, chosen);
}
void ActivateAvx2(Activation activation, std::span<float> values, float* slopes) {
  N_AVX2::ActivateAll(activation, values, slopes);
}
void ActivateAvx512(Activation activation, std::span<float> values, float* slopes) {
  N_AVX3::ActivateAll(activation, values, slopes);
}

}  // namespace dne::nn
#endif
