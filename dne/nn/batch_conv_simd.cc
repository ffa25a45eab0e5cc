// SPDX-License-Identifier: MIT
// Convolutions and pooling of the batched forward pass with vectors: tiles of units x two
// positions, whose sums stay in registers over all taps (ky, kx, c in order).
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/batch_conv_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "dne/nn/batch_kernels.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

constexpr int kConvUnits = ConvUnits(kPath);

HWY_INLINE VF Larger(VF value, VF most) { return hn::IfThenElse(hn::Gt(value, most), value, most); }

// Where a tile lies.
struct Tile {
  const float* weights;
  const float* biases;
  const float* input;
  float* output;
  bool pools_on;  // the row above in its window has been written
  size_t unit;
  const float* h;  // of the first position
};

// Of a unit at the tile's position p.
HWY_INLINE VF AddChange(const BatchConvolution& c, const Tile& tile, size_t unit, size_t p,
                        VF sum) {
  const float* column = c.change->right + unit;
  const float* h = tile.h + p * c.change->rank * kLanes;
  for (size_t k = 0; k < c.change->rank; ++k, column += c.units, h += kLanes) {
    sum = hn::MulAdd(hn::LoadU(df, h), hn::Set(df, *column), sum);
  }
  return sum;
}

// Of a unit.
template <int P>
HWY_INLINE void WriteUnit(const BatchConvolution& c, const Tile& tile, size_t u,
                          const VF (&sums)[P]) {
  float* output = tile.output + u * kLanes;
  VF most = c.pools && tile.pools_on ? hn::LoadU(df, output) : hn::Zero(df);
#pragma GCC unroll 2
  for (size_t p = 0; p < P; ++p) {
    const VF sum = c.change ? AddChange(c, tile, tile.unit + u, p, sums[p]) : sums[p];
    const VF value = Activate(c.activation, sum);
    if (!c.pools) {
      hn::StoreU(value, df, output + p * c.units * kLanes);
    } else {
      most = p == 0 && !tile.pools_on ? value : Larger(value, most);
    }
  }
  if (c.pools) hn::StoreU(most, df, output);
}

// U units x P positions side by side.
template <int U, int P>
HWY_NOINLINE void ConvolveTile(const BatchConvolution& c, const Tile& tile) {
  VF sum[U][P];
#pragma GCC unroll 8
  for (size_t u = 0; u < U; ++u) {
#pragma GCC unroll 2
    for (size_t p = 0; p < P; ++p) sum[u][p] = hn::Set(df, tile.biases[u]);
  }
  const float* weights = tile.weights;
  for (size_t ky = 0; ky < c.kernel; ++ky) {
    const float* taps = tile.input + ky * c.input_row;
    for (size_t j = 0; j < c.run; ++j, weights += U, taps += kLanes) {
      VF x[P];
#pragma GCC unroll 2
      for (size_t p = 0; p < P; ++p) x[p] = hn::LoadU(df, taps + p * c.column_step);
#pragma GCC unroll 8
      for (size_t u = 0; u < U; ++u) {
        const VF w = hn::Set(df, weights[u]);
#pragma GCC unroll 2
        for (size_t p = 0; p < P; ++p) sum[u][p] = hn::MulAdd(x[p], w, sum[u][p]);
      }
    }
  }
#pragma GCC unroll 8
  for (size_t u = 0; u < U; ++u) WriteUnit<P>(c, tile, u, sum[u]);
}

// All positions of exactly `units` units, at most U, from `first` on: their weights stay in the
// first cache.
template <int U>
void ConvolveUnits(const BatchConvolution& c, const float* weights, size_t first, size_t units) {
  if constexpr (U > 1) {
    if (units < U) return ConvolveUnits<U - 1>(c, weights, first, units);
  }
  const size_t shrink = c.pools ? 2 : 1;
  const size_t position_h = c.change ? c.change->rank * kLanes : 0;
  for (size_t y = 0; y < c.rows; ++y) {
    Tile tile{.weights = weights,
              .biases = c.biases + first,
              .input = c.input + y * c.row_step,
              .output = c.output + y / shrink * c.output_row + first * kLanes,
              .pools_on = y % 2 == 1,
              .unit = first,
              .h = c.h + y * c.columns * position_h};
    size_t x = 0;
    for (; x + 2 <= c.columns; x += 2) {
      ConvolveTile<U, 2>(c, tile);
      tile.input += 2 * c.column_step;
      tile.output += 2 / shrink * c.units * kLanes;
      tile.h += 2 * position_h;
    }
    if (x < c.columns) ConvolveTile<U, 1>(c, tile);
  }
}

}  // namespace

void BatchConvolve(const BatchConvolution& c) {
  const size_t taps = c.kernel * c.run;
  for (size_t first = 0; first < c.units; first += kConvUnits) {
    const size_t units = std::min<size_t>(c.units - first, kConvUnits);
    ConvolveUnits<kConvUnits>(c, c.weights + first * taps, first, units);
  }
}

void BatchTakeLargest(const BatchMaxPooling& pooling) {
  const size_t position = pooling.channels * kLanes;
  for (size_t y = 0; y < pooling.rows; ++y) {
    for (size_t x = 0; x < pooling.columns; ++x) {
      const float* window = pooling.input + pooling.stride * (y * pooling.input_row + x * position);
      float* output = pooling.output + y * pooling.output_row + x * position;
      for (size_t c = 0; c < position; c += kLanes) {
        VF most = hn::LoadU(df, window + c);
        for (size_t i = 1; i < pooling.kernel * pooling.kernel; ++i) {
          const float* row = window + i / pooling.kernel * pooling.input_row;
          most = Larger(hn::LoadU(df, row + i % pooling.kernel * position + c), most);
        }
        hn::StoreU(most, df, output + c);
      }
    }
  }
}

void BatchAverage(const BatchAveragePooling& pooling) {
  const VF positions = hn::Set(df, static_cast<float>(pooling.positions));
  for (size_t c = 0; c < pooling.channels; ++c) {
    VF sum = hn::Zero(df);
    for (size_t p = 0; p < pooling.positions; ++p) {
      sum = hn::Add(sum, hn::LoadU(df, pooling.input + (p * pooling.channels + c) * kLanes));
    }
    hn::StoreU(hn::Div(sum, positions), df, pooling.output + c * kLanes);
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void BatchConvolve<DNE_VECTOR_PATH>(const BatchConvolution& convolution) {
  HWY_NAMESPACE::BatchConvolve(convolution);
}
template <>
void BatchTakeLargest<DNE_VECTOR_PATH>(const BatchMaxPooling& pooling) {
  HWY_NAMESPACE::BatchTakeLargest(pooling);
}
template <>
void BatchAverage<DNE_VECTOR_PATH>(const BatchAveragePooling& pooling) {
  HWY_NAMESPACE::BatchAverage(pooling);
}

}  // namespace dne::nn
#endif
