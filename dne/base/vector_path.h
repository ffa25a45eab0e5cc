// SPDX-License-Identifier: MIT
// Chooses among the vector paths of a kernel (dne/base/vector_targets.h).
#pragma once

#include "dne/base/error.h"
#include "dne/base/isa.h"

namespace dne {

// function.operator()<isa>(), for a vector path that this processor runs:
//   OnVectorPath(isa, [&]<Isa kPath> { Run<kPath>(job); });
template <class Function>
decltype(auto) OnVectorPath(Isa isa, const Function& function) {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return function.template operator()<Isa::kAvx512>();
  DNE_CHECK(isa == Isa::kAvx2);
  return function.template operator()<Isa::kAvx2>();
#elif defined(__aarch64__)
  DNE_CHECK(isa == Isa::kNeon);
  return function.template operator()<Isa::kNeon>();
#else
#error "dne has vector kernels for x86-64 and 64-bit ARM only"
#endif
}

}  // namespace dne
