// SPDX-License-Identifier: MIT
// The entry point and the plain reference that the vector kernels are held to.
#include "dne/random/outer_products.h"

#include <cmath>

#include "dne/base/error.h"
#include "dne/base/vector_path.h"
#include "dne/random/outer_products_kernels.h"

namespace dne {
namespace outer_products {
namespace {

// Inlined into both bodies below, so that std::fma is one instruction where the machine has it.
[[gnu::always_inline]] inline void RunPlain(const OuterProducts& p) {
  for (size_t i = 0; i < p.rows; ++i) {
    for (size_t o = 0; o < p.columns; ++o) {
      float sum = p.base[i * p.stride + o];
      for (size_t k = 0; k < p.count; ++k) {
        sum = std::fma(p.left[k * p.left_stride + i], p.right[k * p.right_stride + o], sum);
      }
      p.out[i * p.stride + o] = sum;
    }
  }
}

#if defined(__x86_64__)
[[gnu::target("fma")]] void RunPlainWithFma(const OuterProducts& p) { RunPlain(p); }
#endif

}  // namespace

void RunScalar(const OuterProducts& products) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("fma")) return RunPlainWithFma(products);
#endif
  RunPlain(products);
}

}  // namespace outer_products

void AddOuterProducts(const OuterProducts& products, Isa isa) {
  if (isa == Isa::kScalar) return outer_products::RunScalar(products);
  OnVectorPath(isa, [&]<Isa kPath> { outer_products::RunVector<kPath>(products); });
}

}  // namespace dne
