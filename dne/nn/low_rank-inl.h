// SPDX-License-Identifier: MIT
// The product of an input with the factor A of a change of low rank, of dne/nn/low_rank.h;
// included once a target.
#include <hwy/highway.h>

#include <algorithm>

#include "dne/nn/kernels.h"
#include "dne/nn/vectors-inl.h"

#if defined(DNE_NN_LOW_RANK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DNE_NN_LOW_RANK_INL_H_
#undef DNE_NN_LOW_RANK_INL_H_
#else
#define DNE_NN_LOW_RANK_INL_H_
#endif

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

constexpr size_t kChainVectors = kChains / kLanes;
constexpr int kColumnsTogether = 4;

// The second half of the chains is added to the first, until four are left in one vector.
template <class D, size_t N>
HWY_INLINE auto FourSums(D d, const hn::Vec<D> (&sums)[N]) {
  if constexpr (N > 1) {
    hn::Vec<D> halves[N / 2];
#pragma GCC unroll 2
    for (size_t i = 0; i < N / 2; ++i) halves[i] = hn::Add(sums[i], sums[i + N / 2]);
    return FourSums(d, halves);
  } else if constexpr (hn::MaxLanes(d) > 4) {
    const hn::Half<D> half;
    const hn::Vec<hn::Half<D>> sum[1] = {
        hn::Add(hn::LowerHalf(half, sums[0]), hn::UpperHalf(half, sums[0]))};
    return FourSums(half, sum);
  } else {
    return sums[0];
  }
}

HWY_INLINE float SumOfChains(const VF (&chains)[kChainVectors]) {
  const auto four = FourSums(df, chains);
  const auto two = hn::Add(four, hn::Shuffle1032(four));
  return hn::GetLane(hn::Add(two, hn::Shuffle2301(two)));
}

// C columns of A, which lie `step` apart.
template <int C>
HWY_INLINE void AddRow(const float* x, const float* a, size_t step, size_t count,
                       VF (&chains)[C][kChainVectors]) {
  size_t i = 0;
  for (; i + kChains <= count; i += kChains) {
#pragma GCC unroll 4
    for (size_t v = 0; v < kChainVectors; ++v) {
      const VF values = hn::LoadU(df, x + i + v * kLanes);
#pragma GCC unroll 4
      for (size_t c = 0; c < C; ++c) {
        const VF numbers = hn::LoadU(df, a + c * step + i + v * kLanes);
        chains[c][v] = hn::MulAdd(values, numbers, chains[c][v]);
      }
    }
  }
#pragma GCC unroll 4
  for (size_t v = 0; v < kChainVectors; ++v, i += kLanes) {
    if (i >= count) break;
    const auto mask = hn::FirstN(df, count - i);
    const VF values = hn::LoadU(df, x + i);
#pragma GCC unroll 4
    for (size_t c = 0; c < C; ++c) {
      const VF sum = hn::MulAdd(values, hn::LoadU(df, a + c * step + i), chains[c][v]);
      chains[c][v] = hn::IfThenElse(mask, sum, chains[c][v]);
    }
  }
}

template <int C>
HWY_INLINE void ProjectColumns(const Projection& p, const float* input, size_t first, float* h) {
  const size_t step = p.change->inputs;
  const float* a = p.change->left + first * step;
  VF chains[C][kChainVectors];
#pragma GCC unroll 4
  for (size_t c = 0; c < C; ++c) {
#pragma GCC unroll 4
    for (size_t v = 0; v < kChainVectors; ++v) chains[c][v] = hn::Zero(df);
  }
  for (size_t row = 0; row < p.rows; ++row) {
    AddRow<C>(input + row * p.pitch, a + row * p.run, step, p.run, chains);
  }
#pragma GCC unroll 4
  for (size_t c = 0; c < C; ++c) h[first + c] = p.change->scale * SumOfChains(chains[c]);
}

HWY_INLINE void ProjectInput(const Projection& p, const float* input, float* h) {
  size_t k = 0;
  for (; k + kColumnsTogether <= p.change->rank; k += kColumnsTogether) {
    ProjectColumns<kColumnsTogether>(p, input, k, h);
  }
  for (; k < p.change->rank; ++k) ProjectColumns<1>(p, input, k, h);
}

// What a vector of sums, from output `at` on, becomes by the change.
HWY_INLINE VF AddColumns(const MapChange& change, const float* h, size_t at, VF sum) {
  const float* column = change.right + at;
  for (size_t k = 0; k < change.rank; ++k, column += change.outputs) {
    sum = hn::MulAdd(hn::Set(df, h[k]), hn::LoadU(df, column), sum);
  }
  return sum;
}

}  // namespace
}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
