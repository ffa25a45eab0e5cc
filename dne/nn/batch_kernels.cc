// SPDX-License-Identifier: MIT
#include "dne/nn/batch_kernels.h"

#include "dne/base/vector_path.h"

namespace dne::nn {
namespace {

template <Isa kPath>
constexpr size_t kVectorFloats = kPath == Isa::kNeon   ? 4
                                 : kPath == Isa::kAvx2 ? 8
                                                       : 16;

}  // namespace

BatchKernels BatchKernelsFor(Isa isa) {
  return OnVectorPath(isa, []<Isa kPath>() -> BatchKernels {
    return {kVectorFloats<kPath>,    ConvUnits(kPath),    BatchConvolve<kPath>,
            BatchTakeLargest<kPath>, BatchAverage<kPath>, BatchMultiply<kPath>,
            BatchProject<kPath>};
  });
}

BatchProjection ProjectionOf(const BatchConvolution& c) {
  return {.change = c.change,
          .rows = c.kernel,
          .run = c.run,
          .input = c.input,
          .input_row = c.input_row,
          .row_step = c.row_step,
          .column_step = c.column_step,
          .down = c.rows,
          .across = c.columns};
}

}  // namespace dne::nn
