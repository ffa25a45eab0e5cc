// SPDX-License-Identifier: MIT
// Convolutions, and max pooling, with vectors. Convolutions work in tiles of positions x
// output channels that stay in registers while a tile walks its taps (ky, kx, c in order).
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/conv_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "dne/nn/kernels.h"
#include "dne/nn/low_rank-inl.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

// Accumulators of a tile: 24 of 32 registers, or 12 of 16. The rest hold weights and an input.
constexpr int kWidePositions = 6;  // tiles of four vectors, where there are registers for them
constexpr int kNarrowPositions = kThirtyTwoRegisters ? 12 : 6;  // tiles of two vectors and one

constexpr int kSecondCache = 2;  // of __builtin_prefetch's degrees of locality
constexpr size_t kLineFloats = 16;

// Where a tile reads zero at no tap, so do most likely the next ones: they take all taps unlooked.
constexpr int kTilesLikeTheLast = 3;

// The taps at which any of the positions reads something else than zero. Returns how many.
size_t ListNonzeroTaps(const Convolution& c, const WindowPosition* positions, int count,
                       TapList& taps) {
  const VU count_up = hn::Iota(du, 0);
  const VU stride = hn::Set(du, static_cast<uint32_t>(c.row_stride));
  size_t num_taps = 0;
  for (size_t ky = 0; ky < c.kernel; ++ky) {
    for (size_t j = 0; j < c.run; j += kLanes) {
      const size_t offset = ky * c.input_pitch + j;
      VU bits = hn::Zero(du);
      for (int p = 0; p < count; ++p) {
        bits = hn::Or(bits, hn::BitCast(du, hn::LoadU(df, positions[p].input + offset)));
      }
      auto mask = NotZero(bits);
      if (j + kLanes > c.run) mask = hn::And(mask, hn::FirstN(du, c.run - j));
      const VU input = hn::Add(count_up, hn::Set(du, static_cast<uint32_t>(offset)));
      const VU row = hn::Add(count_up, hn::Set(du, static_cast<uint32_t>(ky * c.run + j)));
      StoreCompressed(input, mask, taps.input.data() + num_taps);
      StoreCompressed(hn::Mul(row, stride), mask, taps.weight.data() + num_taps);
      num_taps += hn::CountTrue(du, mask);
    }
  }
  return num_taps;
}

size_t ListAllTaps(const Convolution& c, TapList& taps) {
  size_t num_taps = 0;
  for (size_t ky = 0; ky < c.kernel; ++ky) {
    for (size_t j = 0; j < c.run; ++j, ++num_taps) {
      taps.input[num_taps] = static_cast<uint32_t>(ky * c.input_pitch + j);
      taps.weight[num_taps] = static_cast<uint32_t>(num_taps * c.row_stride);
    }
  }
  return num_taps;
}

// Writes the first `count` values, at most all; true if the bits of any output change.
HWY_INLINE bool Write(VF values, size_t count, float* output) {
  if (count >= kLanes) {
    const bool changed = !SameBits(values, hn::LoadU(df, output));
    hn::StoreU(values, df, output);
    return changed;
  }
  HWY_ALIGN float part[kLanes];
  hn::Store(values, df, part);
  const bool changed = std::memcmp(part, output, count * sizeof(float)) != 0;
  std::memcpy(output, part, count * sizeof(float));
  return changed;
}

// A position's sums of `count` units from `first` on, and its h where there is a change.
struct Sums {
  const float* values;
  size_t first;
  size_t count;
  const float* h;
};

// Activates and writes sums; true if the bits of any output change.
bool WritePosition(const Convolution& c, const Sums& sums, float* output) {
  bool changed = false;
  for (size_t i = 0; i < sums.count; i += kLanes) {
    VF sum = hn::Load(df, sums.values + i);
    if (c.change) sum = AddColumns(*c.change, sums.h, sums.first + i, sum);
    changed |= Write(Activate(c.activation, sum), sums.count - i, output + i);
  }
  return changed;
}

struct Tile {
  const Convolution& convolution;
  const WindowPosition* positions;
  const uint32_t* input;
  const uint32_t* weight;
  size_t num_taps;
  const float* h;      // of each position, where there is a change
  const float* ahead;  // to prefetch, `ahead_step` floats a tap
  size_t ahead_step;
  size_t column = 0;  // first output channel
};

// Apart from the loop over taps, which needs all registers for itself.
HWY_NOINLINE void WriteTile(const Tile& tile, int count, size_t width, const float* sums) {
  const Convolution& c = tile.convolution;
  const size_t units = std::min(width, c.units - tile.column);
  const size_t rank = c.change ? c.change->rank : 0;
  for (size_t p = 0; p < static_cast<size_t>(count); ++p, sums += width) {
    const WindowPosition& position = tile.positions[p];
    const Sums of_position{sums, tile.column, units, tile.h + p * rank};
    if (WritePosition(c, of_position, position.output + tile.column)) *position.changed = 1;
  }
}

// P positions x V vectors of output channels.
template <int V, int P>
HWY_NOINLINE void ComputeTile(const Tile& tile) {
  const Convolution& c = tile.convolution;
  const float* in[P];
  VF sum[P][V];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
    in[p] = tile.positions[p].input;
#pragma GCC unroll 4
    for (size_t v = 0; v < V; ++v) sum[p][v] = hn::LoadU(df, c.biases + tile.column + v * kLanes);
  }
  const float* weights = c.weights + tile.column;
  for (size_t i = 0; i < tile.num_taps; ++i) {
    __builtin_prefetch(tile.ahead + i * tile.ahead_step, 0, kSecondCache);
    const size_t tap = tile.input[i];
    const float* row = weights + tile.weight[i];
    VF w[V];
#pragma GCC unroll 4
    for (size_t v = 0; v < V; ++v) w[v] = hn::LoadU(df, row + v * kLanes);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      const VF x = hn::Set(df, in[p][tap]);
#pragma GCC unroll 4
      for (size_t v = 0; v < V; ++v) sum[p][v] = hn::MulAdd(x, w[v], sum[p][v]);
    }
  }
  HWY_ALIGN float sums[P][V * kLanes];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (size_t v = 0; v < V; ++v) hn::Store(sum[p][v], df, sums[p] + v * kLanes);
  }
  WriteTile(tile, P, V * kLanes, sums[0]);
}

// The kernel of exactly `count` positions: at most P, at least one.
template <int V, int P>
void ComputeTileOf(int count, const Tile& tile) {
  if constexpr (P > 1) {
    if (count < P) return ComputeTileOf<V, P - 1>(count, tile);
  }
  ComputeTile<V, P>(tile);
}

// Writes h of each position.
void ProjectTile(const Convolution& c, std::span<const WindowPosition> positions,
                 std::vector<float>& h) {
  const size_t rank = c.change->rank;
  const Projection projection{
      .change = c.change, .rows = c.kernel, .run = c.run, .pitch = c.input_pitch};
  h.resize(positions.size() * rank);
  for (size_t p = 0; p < positions.size(); ++p) {
    ProjectInput(projection, positions[p].input, h.data() + p * rank);
  }
}

void ComputeColumns(Tile tile, int count) {
  const size_t units = tile.convolution.units;
  while (tile.column < units) {
    const size_t vectors = (units - tile.column + kLanes - 1) / kLanes;
    if (kThirtyTwoRegisters && vectors >= 4) {
      ComputeTileOf<4, kThirtyTwoRegisters ? kWidePositions : 1>(count, tile);
      tile.column += 4 * kLanes;
    } else if (vectors >= 2) {
      ComputeTileOf<2, kNarrowPositions>(count, tile);
      tile.column += 2 * kLanes;
    } else {
      ComputeTileOf<1, kNarrowPositions>(count, tile);
      tile.column += kLanes;
    }
  }
}

}  // namespace

void Convolve(const Convolution& c, std::span<const WindowPosition> positions, TapList& taps) {
  const bool wide = kThirtyTwoRegisters && c.units > 3 * kLanes;
  const size_t most = wide ? kWidePositions : kNarrowPositions;
  size_t num_taps = c.skip_zeros ? 0 : ListAllTaps(c, taps);
  int unlooked = 0;
  std::span<const float> ahead = c.ahead;
  // Tiles of about equal size: a full one and a rest of one position would take longer.
  for (size_t tiles = (positions.size() + most - 1) / most; tiles > 0; --tiles) {
    const auto count = static_cast<int>((positions.size() + tiles - 1) / tiles);
    if (c.skip_zeros && --unlooked < 0) {
      num_taps = ListNonzeroTaps(c, positions.data(), count, taps);
      unlooked = num_taps == c.kernel * c.run ? kTilesLikeTheLast : 0;
    }
    if (c.change) ProjectTile(c, positions.first(static_cast<size_t>(count)), taps.h);
    const bool fetch = num_taps * kLineFloats <= ahead.size();
    ComputeColumns({.convolution = c,
                    .positions = positions.data(),
                    .input = taps.input.data(),
                    .weight = taps.weight.data(),
                    .num_taps = num_taps,
                    .h = taps.h.data(),
                    .ahead = fetch ? ahead.data() : c.weights,
                    .ahead_step = fetch ? kLineFloats : 0},
                   count);
    if (fetch) ahead = ahead.subspan(num_taps * kLineFloats);
    positions = positions.subspan(static_cast<size_t>(count));
  }
}

void TakeLargest(const MaxPooling& pooling, std::span<const WindowPosition> positions) {
  for (const WindowPosition& position : positions) {
    for (size_t c = 0; c < pooling.channels; c += kLanes) {
      VF most = hn::LoadU(df, position.input + c);
      for (size_t ky = 0; ky < pooling.kernel; ++ky) {
        for (size_t kx = 0; kx < pooling.kernel; ++kx) {
          const size_t at = ky * pooling.input_pitch + kx * pooling.channels + c;
          const VF value = hn::LoadU(df, position.input + at);
          most = hn::IfThenElse(hn::Gt(value, most), value, most);
        }
      }
      if (Write(most, pooling.channels - c, position.output + c)) *position.changed = 1;
    }
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void Convolve<DNE_VECTOR_PATH>(const Convolution& convolution,
                               std::span<const WindowPosition> positions, TapList& taps) {
  HWY_NAMESPACE::Convolve(convolution, positions, taps);
}
template <>
void TakeLargest<DNE_VECTOR_PATH>(const MaxPooling& pooling,
                                  std::span<const WindowPosition> positions) {
  HWY_NAMESPACE::TakeLargest(pooling, positions);
}

}  // namespace dne::nn
#endif
