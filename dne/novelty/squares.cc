// SPDX-License-Identifier: MIT
#include "dne/novelty/squares.h"

#include "dne/base/error.h"

namespace dne::novelty {

void StepSquares(const States& a, const States& b, size_t state_size, std::span<uint32_t> squares,
                 Isa isa) {
#if defined(__x86_64__)
  if (isa != Isa::kScalar) return StepSquaresAvx2(a, b, state_size, squares);
#else
  // The compiler's own vectors of the plain loop: on NEON, Highway's operations are some more.
  DNE_CHECK(IsaSupported(isa));
#endif
  StepSquaresScalar(a, b, state_size, squares);
}

void StepSquaresScalar(const States& a, const States& b, size_t state_size,
                       std::span<uint32_t> squares) {
  for (size_t t = 0; t < squares.size(); ++t) {
    const uint8_t* x = a.data + t * a.stride;
    const uint8_t* y = b.data + t * b.stride;
    uint32_t sum = 0;
    for (size_t i = 0; i < state_size; ++i) {
      const int difference = x[i] - y[i];
      sum += static_cast<uint32_t>(difference * difference);
    }
    squares[t] = sum;
  }
}

}  // namespace dne::novelty
