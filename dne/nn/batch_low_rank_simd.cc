// SPDX-License-Identifier: MIT
// Products of a batch's inputs with the factors of low rank with vectors: lanes are
// observations, so that each of the sixteen chains is a vector. Eight at a time stay in registers.
#include "dne/base/vector_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dne/nn/batch_low_rank_simd.cc"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include "dne/nn/batch_kernels.h"
#include "dne/nn/vectors-inl.h"

#if DNE_IS_VECTOR_PATH
HWY_BEFORE_NAMESPACE();
namespace dne::nn::HWY_NAMESPACE {
namespace {

constexpr size_t kHalf = kChains / 2;

// The chains from `first` on of one column of A, over all rows.
HWY_INLINE void RunChains(const BatchProjection& p, const float* input, const float* a,
                          size_t first, VF (&chains)[kHalf]) {
#pragma GCC unroll 8
  for (size_t j = 0; j < kHalf; ++j) chains[j] = hn::Zero(df);
  for (size_t row = 0; row < p.rows; ++row, input += p.input_row, a += p.run) {
    size_t i = first;
    for (; i + kHalf <= p.run; i += kChains) {
#pragma GCC unroll 8
      for (size_t j = 0; j < kHalf; ++j) {
        const VF x = hn::LoadU(df, input + (i + j) * kLanes);
        chains[j] = hn::MulAdd(x, hn::Set(df, a[i + j]), chains[j]);
      }
    }
#pragma GCC unroll 8
    for (size_t j = 0; j < kHalf; ++j) {
      if (i + j >= p.run) break;
      const VF x = hn::LoadU(df, input + (i + j) * kLanes);
      chains[j] = hn::MulAdd(x, hn::Set(df, a[i + j]), chains[j]);
    }
  }
}

HWY_INLINE VF ProjectColumn(const BatchProjection& p, const float* input, size_t k) {
  const float* a = p.change->left + k * p.change->inputs;
  VF sums[kHalf];
  VF others[kHalf];
  RunChains(p, input, a, 0, sums);
  RunChains(p, input, a, kHalf, others);
#pragma GCC unroll 8
  for (size_t j = 0; j < kHalf; ++j) sums[j] = hn::Add(sums[j], others[j]);
#pragma GCC unroll 4
  for (size_t j = 0; j < 4; ++j) sums[j] = hn::Add(sums[j], sums[j + 4]);
  const VF two[] = {hn::Add(sums[0], sums[2]), hn::Add(sums[1], sums[3])};
  return hn::Mul(hn::Set(df, p.change->scale), hn::Add(two[0], two[1]));
}

}  // namespace

void BatchProject(const BatchProjection& p, float* h) {
  for (size_t y = 0; y < p.down; ++y) {
    const float* input = p.input + y * p.row_step;
    for (size_t x = 0; x < p.across; ++x, input += p.column_step) {
      for (size_t k = 0; k < p.change->rank; ++k, h += kLanes) {
        hn::StoreU(ProjectColumn(p, input, k), df, h);
      }
    }
  }
}

}  // namespace dne::nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

namespace dne::nn {

template <>
void BatchProject<DNE_VECTOR_PATH>(const BatchProjection& projection, float* h) {
  HWY_NAMESPACE::BatchProject(projection, h);
}

}  // namespace dne::nn
#endif
