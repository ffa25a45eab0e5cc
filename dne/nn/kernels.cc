// SPDX-License-Identifier: MIT
#include "dne/nn/kernels.h"

#include "dne/base/vector_path.h"

namespace dne::nn {

Kernels KernelsFor(Isa isa) {
  return OnVectorPath(isa, []<Isa kPath>() -> Kernels {
    return {ScaleRow<kPath>,     Convolve<kPath>,      Multiply<kPath>,   Project<kPath>,
            AddUp<kPath>,        TakeLargest<kPath>,   Average<kPath>,    StepCell<kPath>,
            NormaliseRow<kPath>, RoundToHalves<kPath>, RoundFloats<kPath>};
  });
}

}  // namespace dne::nn
