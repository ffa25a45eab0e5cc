// SPDX-License-Identifier: MIT
#include "dne/nn/kernels.h"

#include "dne/base/error.h"

namespace dne::nn {

#if defined(__x86_64__)
Kernels KernelsFor(Isa isa) {
  if (isa == Isa::kAvx512) {
    return {ScaleRowAvx512,     ConvolveAvx512,      MultiplyAvx512,   ProjectAvx512,
            AddUpAvx512,        TakeLargestAvx512,   AverageAvx512,    StepCellAvx512,
            NormaliseRowAvx512, RoundToHalvesAvx512, RoundFloatsAvx512};
  }
  DNE_CHECK(isa == Isa::kAvx2);
  return {ScaleRowAvx2,     ConvolveAvx2,      MultiplyAvx2,   ProjectAvx2,
          AddUpAvx2,        TakeLargestAvx2,   AverageAvx2,    StepCellAvx2,
          NormaliseRowAvx2, RoundToHalvesAvx2, RoundFloatsAvx2};
}
#else
Kernels KernelsFor(Isa) { DNE_CHECK(false); }
#endif

}  // namespace dne::nn
