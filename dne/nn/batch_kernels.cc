// SPDX-License-Identifier: MIT
#include "dne/nn/batch_kernels.h"

#include "dne/base/error.h"

namespace dne::nn {

#if defined(__x86_64__)
BatchKernels BatchKernelsFor(Isa isa) {
  if (isa == Isa::kAvx512) {
    return {16,
            kConvUnitsAvx512,
            BatchConvolveAvx512,
            BatchTakeLargestAvx512,
            BatchAverageAvx512,
            BatchMultiplyAvx512,
            BatchProjectAvx512};
  }
  DNE_CHECK(isa == Isa::kAvx2);
  return {8,
          kConvUnitsAvx2,
          BatchConvolveAvx2,
          BatchTakeLargestAvx2,
          BatchAverageAvx2,
          BatchMultiplyAvx2,
          BatchProjectAvx2};
}
#else
BatchKernels BatchKernelsFor(Isa) { DNE_CHECK(false); }
#endif

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
