// SPDX-License-Identifier: MIT
// The kernels as plain loops, which define them, and the choice among the sets.
#include "dne/nn/matrix.h"

#include <cmath>

#include "dne/base/error.h"

namespace dne::nn {
namespace {

[[gnu::always_inline]] inline void MultiplyAdd(const Product& p) {
  for (size_t r = 0; r < p.rows; ++r) {
    float* c = p.c + r * p.c_pitch;
    for (size_t i = 0; i < p.depth; ++i) {
      const float a = p.a[r * p.a_row_step + i * p.a_depth_step];
      const float* b = p.b + i * p.b_pitch;
      for (size_t o = 0; o < p.columns; ++o) c[o] = std::fma(a, b[o], c[o]);
    }
  }
}

[[gnu::always_inline]] inline void ActivateAll(Activation activation, std::span<float> values) {
  for (float& value : values) value = Activate(activation, value);
}

void MultiplyAddPlain(const Product& product) { MultiplyAdd(product); }
void ActivatePlain(Activation activation, std::span<float> values) {
  ActivateAll(activation, values);
}
void StepCellPlain(const Cell& cell) { StepCell(cell); }

// With the fused multiply-add instruction: the same bits, but not the library call a
// multiplication.
#if defined(__x86_64__)
#define DNE_FUSED [[gnu::target("avx2,fma")]]
#else
#define DNE_FUSED
#endif
DNE_FUSED void MultiplyAddFused(const Product& product) { MultiplyAdd(product); }
DNE_FUSED void ActivateFused(Activation activation, std::span<float> values) {
  ActivateAll(activation, values);
}
DNE_FUSED void StepCellFused(const Cell& cell) { StepCell(cell); }

constexpr MatrixKernels kPlain = {MultiplyAddPlain, ActivatePlain, StepCellPlain};
constexpr MatrixKernels kFused = {MultiplyAddFused, ActivateFused, StepCellFused};
#if defined(__x86_64__)
constexpr MatrixKernels kAvx2 = {MultiplyAddAvx2, ActivateAvx2, StepCellAvx2};
constexpr MatrixKernels kAvx512 = {MultiplyAddAvx512, ActivateAvx512, StepCellAvx512};
#endif

}  // namespace

const MatrixKernels& MatrixKernelsFor(Isa isa) {
  DNE_CHECK(IsaSupported(isa));
#if defined(__x86_64__)
  if (isa == Isa::kAvx2) return kAvx2;
  if (isa == Isa::kAvx512) return kAvx512;
#endif
  return IsaSupported(Isa::kAvx2) ? kFused : kPlain;
}

}  // namespace dne::nn
