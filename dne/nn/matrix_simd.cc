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

// Sums of a tile: 12 of 16 registers, or 24 of 32.
constexpr int kTileRows = 6;
constexpr int kTileVectors = kThirtyTwoRegisters ? 4 : 2;

// R rows x V vectors, of which the last may be a part.
template <int R, int V>
HWY_NOINLINE void MultiplyTile(const Product& p, const float* a, const float* b, float* c,
                               size_t columns) {
  const auto last = hn::FirstN(df, columns - (V - 1) * kLanes);
  VF sum[R][V];
#pragma GCC unroll 8
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (size_t v = 0; v + 1 < V; ++v) sum[r][v] = hn::LoadU(df, c + r * p.c_pitch + v * kLanes);
    sum[r][V - 1] = hn::MaskedLoad(last, df, c + r * p.c_pitch + (V - 1) * kLanes);
  }
  for (size_t i = 0; i < p.depth; ++i, a += p.a_depth_step, b += p.b_pitch) {
    VF w[V];
#pragma GCC unroll 4
    for (size_t v = 0; v + 1 < V; ++v) w[v] = hn::LoadU(df, b + v * kLanes);
    w[V - 1] = hn::MaskedLoad(last, df, b + (V - 1) * kLanes);
#pragma GCC unroll 8
    for (size_t r = 0; r < R; ++r) {
      const VF x = hn::Set(df, a[r * p.a_row_step]);
#pragma GCC unroll 4
      for (size_t v = 0; v < V; ++v) sum[r][v] = hn::MulAdd(x, w[v], sum[r][v]);
    }
  }
#pragma GCC unroll 8
  for (size_t r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (size_t v = 0; v + 1 < V; ++v) hn::StoreU(sum[r][v], df, c + r * p.c_pitch + v * kLanes);
    hn::BlendedStore(sum[r][V - 1], last, df, c + r * p.c_pitch + (V - 1) * kLanes);
  }
}

// The kernel of exactly `rows` rows and `columns` columns: at least one, at most a tile.
template <int R, int V>
void MultiplyTileOf(const Product& p, size_t rows, const float* a, const float* b, float* c,
                    size_t columns) {
  if constexpr (R > 1) {
    if (rows < R) return MultiplyTileOf<R - 1, V>(p, rows, a, b, c, columns);
  }
  if constexpr (V > 1) {
    if (columns <= (V - 1) * kLanes) return MultiplyTileOf<R, V - 1>(p, rows, a, b, c, columns);
  }
  MultiplyTile<R, V>(p, a, b, c, columns);
}

}  // namespace

void MultiplyAdd(const Product& p) {
  for (size_t column = 0; column < p.columns; column += kTileVectors * kLanes) {
    const size_t columns = std::min(p.columns - column, kTileVectors * kLanes);
    for (size_t row = 0; row < p.rows; row += kTileRows) {
      MultiplyTileOf<kTileRows, kTileVectors>(p, std::min<size_t>(p.rows - row, kTileRows),
                                              p.a + row * p.a_row_step, p.b + column,
                                              p.c + row * p.c_pitch + column, columns);
    }
  }
}

void ActivateAll(Activation activation, std::span<float> values) {
  for (size_t i = 0; i < values.size(); i += kLanes) {
    const auto mask = hn::FirstN(df, values.size() - i);
    const VF x = hn::MaskedLoad(mask, df, values.data() + i);
    hn::BlendedStore(Activate(activation, x), mask, df, values.data() + i);
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE && defined(__x86_64__)
namespace dne::nn {

void MultiplyAddAvx2(const Product& product) { N_AVX2::MultiplyAdd(product); }
void MultiplyAddAvx512(const Product& product) { N_AVX3::MultiplyAdd(product); }
void ActivateAvx2(Activation activation, std::span<float> values) {
  N_AVX2::ActivateAll(activation, values);
}
void ActivateAvx512(Activation activation, std::span<float> values) {
  N_AVX3::ActivateAll(activation, values);
}

}  // namespace dne::nn
#endif
