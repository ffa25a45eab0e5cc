// SPDX-License-Identifier: MIT
// Dense layers of the batched forward pass with vectors: tiles of units x groups. A block of
// weights, some whole rows, goes to all tiles before the next one is read, so that each weight
// comes from memory once.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/batch_dense_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <algorithm>

#include "dne/nn/batch_kernels.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

constexpr int kTileSums = kThirtyTwoRegisters ? 16 : 12;
constexpr int kTileGroups = 4;
constexpr size_t kBlockWeights = 64 * 1024;  // 256 KiB of the second cache
constexpr int kSecondCache = 2;              // of __builtin_prefetch's degrees of locality

// Rows of weights: of some whole positions, or of a part of one.
struct Block {
  size_t first;
  size_t positions;
  size_t channels;  // of each
  bool starts;      // the chains of its positions begin here
  bool ends;
  size_t rows() const { return positions * channels; }
};

struct Tile {
  size_t unit;
  size_t group;
};

template <bool kSkipZeros>
HWY_INLINE VF AddTerm(VF x, VF w, VF sum) {
  const VF added = hn::MulAdd(x, w, sum);
  if constexpr (!kSkipZeros) return added;
  return hn::IfThenElse(hn::RebindMask(df, NotZero(hn::BitCast(du, x))), added, sum);
}

// The chains of one position. Returns the weights behind its last ones.
template <int U, int G, bool kSkipZeros>
HWY_INLINE const float* AddChannels(const BatchDense& d, const Block& block, const float* input,
                                    const float* weights, VF (&sum)[U][G]) {
  // The same place in the next block, which will be there when its turn comes.
  const size_t ahead = block.rows() * d.units;
  for (size_t c = 0; c < block.channels; ++c, input += kLanes, weights += d.units) {
    __builtin_prefetch(weights + ahead, 0, kSecondCache);
    VF x[G];
#pragma GCC unroll 4
    for (size_t g = 0; g < G; ++g) x[g] = hn::LoadU(df, input + g * d.input_group);
#pragma GCC unroll 16
    for (size_t u = 0; u < U; ++u) {
      const VF w = hn::Set(df, weights[u]);
#pragma GCC unroll 4
      for (size_t g = 0; g < G; ++g) sum[u][g] = AddTerm<kSkipZeros>(x[g], w, sum[u][g]);
    }
  }
  return weights;
}

// Loads or stores a tile's vectors, in which the units of a group lie side by side.
template <int U, int G>
HWY_INLINE void Load(const float* from, size_t group_step, VF (&values)[U][G]) {
#pragma GCC unroll 16
  for (size_t u = 0; u < U; ++u) {
#pragma GCC unroll 4
    for (size_t g = 0; g < G; ++g) {
      values[u][g] = hn::LoadU(df, from + g * group_step + u * kLanes);
    }
  }
}
template <int U, int G>
HWY_INLINE void Store(const VF (&values)[U][G], size_t group_step, float* to) {
#pragma GCC unroll 16
  for (size_t u = 0; u < U; ++u) {
#pragma GCC unroll 4
    for (size_t g = 0; g < G; ++g) hn::StoreU(values[u][g], df, to + g * group_step + u * kLanes);
  }
}

template <int U, int G>
HWY_INLINE void Clear(VF (&values)[U][G]) {
#pragma GCC unroll 16
  for (size_t u = 0; u < U; ++u) {
#pragma GCC unroll 4
    for (size_t g = 0; g < G; ++g) values[u][g] = hn::Zero(df);
  }
}

// What a block adds to U units of G groups.
template <int U, int G, bool kSkipZeros>
HWY_NOINLINE void MultiplyTile(const BatchDense& d, const Block& block, const Tile& tile) {
  const size_t group_step = d.units * kLanes;
  const size_t at = tile.group * group_step + tile.unit * kLanes;
  const float* input = d.input + tile.group * d.input_group + block.first * kLanes;
  const float* weights = d.weights + block.first * d.units + tile.unit;
  VF total[U][G];
  VF sum[U][G];
  Clear<U, G>(sum);
  Load<U, G>(d.output + at, group_step, total);
  for (size_t p = 0; p < block.positions; ++p, input += block.channels * kLanes) {
    Clear<U, G>(sum);
    if (!block.starts) Load<U, G>(d.partial + at, group_step, sum);
    weights = AddChannels<U, G, kSkipZeros>(d, block, input, weights, sum);
#pragma GCC unroll 16
    for (size_t u = 0; u < U; ++u) {
#pragma GCC unroll 4
      for (size_t g = 0; g < G; ++g) total[u][g] = hn::Add(total[u][g], sum[u][g]);
    }
  }
  if (block.ends) {
    Store<U, G>(total, group_step, d.output + at);
  } else {
    Store<U, G>(sum, group_step, d.partial + at);
  }
}

// Exactly `units` units, at most U.
template <int U, int G, bool kSkipZeros>
void MultiplyUnits(const BatchDense& d, const Block& block, const Tile& tile, size_t units) {
  if constexpr (U > 1) {
    if (units < U) return MultiplyUnits<U - 1, G, kSkipZeros>(d, block, tile, units);
  }
  MultiplyTile<U, G, kSkipZeros>(d, block, tile);
}

// All units of G groups.
template <int G, bool kSkipZeros>
void MultiplyGroups(const BatchDense& d, const Block& block, size_t group) {
  constexpr int kUnits = kTileSums / G;
  for (size_t unit = 0; unit < d.units; unit += kUnits) {
    MultiplyUnits<kUnits, G, kSkipZeros>(d, block, {unit, group},
                                         std::min<size_t>(d.units - unit, kUnits));
  }
}

void MultiplyBlock(const BatchDense& d, const Block& block, bool skip_zeros) {
  for (size_t group = 0; group < d.groups;) {
    const size_t left = d.groups - group;
    if (skip_zeros) {
      MultiplyGroups<1, true>(d, block, group);
      group += 1;
    } else if (left >= kTileGroups) {
      MultiplyGroups<kTileGroups, false>(d, block, group);
      group += kTileGroups;
    } else if (left >= 2) {
      MultiplyGroups<2, false>(d, block, group);
      group += 2;
    } else {
      MultiplyGroups<1, false>(d, block, group);
      group += 1;
    }
  }
}

// out = bias + partial_0 + partial_1 + ...
void AddUpPositions(const BatchDense& d, bool skip_zeros) {
  for (size_t i = 0; i < d.groups * d.units; ++i) {
    const float* biases = d.of_group[i / d.units].biases;
    hn::StoreU(hn::Set(df, biases[i % d.units]), df, d.output + i * kLanes);
  }
  const size_t rows = std::max<size_t>(kBlockWeights / d.units, 16);
  const size_t positions = std::max<size_t>(rows / d.channels, 1);
  for (size_t p = 0; p < d.positions; p += positions) {
    for (size_t c = 0; c < d.channels; c += rows) {
      const size_t channels = std::min(d.channels - c, rows);
      MultiplyBlock(d,
                    {.first = p * d.channels + c,
                     .positions = std::min(d.positions - p, positions),
                     .channels = channels,
                     .starts = c == 0,
                     .ends = c + channels == d.channels},
                    skip_zeros);
    }
  }
}

// What vector i of the sums becomes by its group's change.
HWY_INLINE VF AddChange(const BatchDense& d, size_t i, VF sum) {
  const BatchDenseGroup& group = d.of_group[i / d.units];
  if (group.change == nullptr) return sum;
  const float* column = group.change->right + i % d.units;
  const float* h = group.h;
  for (size_t k = 0; k < group.change->rank; ++k, column += d.units, h += kLanes) {
    sum = hn::MulAdd(hn::LoadU(df, h), hn::Set(df, *column), sum);
  }
  return sum;
}

bool AnyNan(const float* values, size_t count) {
  auto any = hn::IsNaN(hn::Zero(df));
  for (size_t i = 0; i < count; i += kLanes) {
    any = hn::Or(any, hn::IsNaN(hn::LoadU(df, values + i)));
  }
  return !hn::AllFalse(df, any);
}

}  // namespace

void BatchMultiply(const BatchDense& d) {
  const size_t count = d.groups * d.units * kLanes;
  AddUpPositions(d, d.skip_zeros);
  // A weight that is not finite, times zero: the sum it should have been left out of is NaN.
  if (!d.skip_zeros && AnyNan(d.output, count)) AddUpPositions(d, true);
  for (size_t i = 0; i < count; i += kLanes) {
    VF value = AddChange(d, i / kLanes, hn::LoadU(df, d.output + i));
    value = Activate(d.activation, value);
    if (d.skipped) value = hn::Add(value, hn::LoadU(df, d.skipped + i));
    hn::StoreU(value, df, d.output + i);
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void BatchMultiply<DNE_VECTOR_PATH>(const BatchDense& layer) {
  HWY_NAMESPACE::BatchMultiply(layer);
}

}  // namespace dne::nn
#endif
