// SPDX-License-Identifier: MIT
// The kernels as plain loops, which define them, and the choice among the sets.
#include "dne/nn/matrix.h"

#include <algorithm>
#include <cmath>

#include "dne/base/error.h"
#include "dne/base/vector_path.h"

namespace dne::nn {
namespace {

[[gnu::always_inline]] inline void MultiplyAddLoop(const Product& p) {
  for (size_t r = 0; r < p.rows; ++r) {
    float* c = p.c + r * p.c_pitch;
    if (p.from_zero) std::fill_n(c, p.columns, 0.0f);
    for (size_t i = 0; i < p.segments * p.depth; ++i) {
      const size_t segment = i / p.depth;
      const size_t term = i % p.depth;
      const float* row = p.a + r * p.a_row_step + segment * p.a_segment_step;
      const float a = row[term * p.a_depth_step];
      const float* b = p.b + segment * p.b_segment_step + term * p.b_pitch;
      for (size_t o = 0; o < p.columns; ++o) c[o] = std::fma(a, b[o], c[o]);
    }
  }
}

[[gnu::always_inline]] inline void ActivateLoop(Activation activation, std::span<float> values,
                                                float* slopes) {
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = Activate(activation, values[i]);
    slopes[i] = Slope(activation, values[i]);
  }
}

void MultiplyAddPlain(const Product& product) { MultiplyAddLoop(product); }
void ActivatePlain(Activation activation, std::span<float> values, float* slopes) {
  ActivateLoop(activation, values, slopes);
}
void AddPlain(const float* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] += from[i];
}
void KeepLargerPlain(const float* values, uint32_t at, size_t count, float* largest,
                     uint32_t* chosen) {
  for (size_t i = 0; i < count; ++i) {
    if (!(values[i] > largest[i])) continue;
    largest[i] = values[i];
    chosen[i] = at + static_cast<uint32_t>(i);
  }
}
void StepCellPlain(const Cell& cell) { StepCell(cell); }

// With the fused multiply-add instruction: the same bits, but not the library call a
// multiplication.
#if defined(__x86_64__)
#define DNE_FUSED [[gnu::target("avx2,fma")]]
#else
#define DNE_FUSED
#endif
DNE_FUSED void MultiplyAddFused(const Product& product) { MultiplyAddLoop(product); }
DNE_FUSED void ActivateFused(Activation activation, std::span<float> values, float* slopes) {
  ActivateLoop(activation, values, slopes);
}
DNE_FUSED void StepCellFused(const Cell& cell) { StepCell(cell); }

constexpr MatrixKernels kPlain = {MultiplyAddPlain, AddPlain, KeepLargerPlain, ActivatePlain,
                                  StepCellPlain};
constexpr MatrixKernels kFused = {MultiplyAddFused, AddPlain, KeepLargerPlain, ActivateFused,
                                  StepCellFused};

template <Isa kPath>
constexpr MatrixKernels kVector = {MultiplyAdd<kPath>, Add<kPath>, KeepLarger<kPath>,
                                   ActivateAll<kPath>, StepCell<kPath>};

}  // namespace

// Square by square, so that both matrices stay in the cache.
std::vector<float> Transposed(const float* values, size_t rows, size_t columns) {
  constexpr size_t kSquare = 16;
  std::vector<float> out(rows * columns);
  for (size_t top = 0; top < rows; top += kSquare) {
    for (size_t left = 0; left < columns; left += kSquare) {
      for (size_t r = top; r < std::min(rows, top + kSquare); ++r) {
        for (size_t c = left; c < std::min(columns, left + kSquare); ++c) {
          out[c * rows + r] = values[r * columns + c];
        }
      }
    }
  }
  return out;
}

const MatrixKernels& MatrixKernelsFor(Isa isa) {
  DNE_CHECK(IsaSupported(isa));
  if (isa == Isa::kScalar) return IsaSupported(Isa::kAvx2) ? kFused : kPlain;
  return OnVectorPath(isa, []<Isa kPath>() -> const MatrixKernels& { return kVector<kPath>; });
}

}  // namespace dne::nn
