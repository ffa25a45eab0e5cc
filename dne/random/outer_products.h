// SPDX-License-Identifier: MIT
// Sums of outer products: what noise of low rank adds to a weight matrix, for one member or for the
// update from all of them.
#pragma once

#include <cstddef>

#include "dne/base/isa.h"

namespace dne {

// A block of a row-major matrix, and `count` outer products of a left factor (a number a row) with
// a right one (a number a column).
struct OuterProducts {
  size_t count = 0;
  const float* left = nullptr;  // factor k at left + k * left_stride
  size_t left_stride = 0;
  const float* right = nullptr;  // likewise
  size_t right_stride = 0;
  size_t rows = 0;
  size_t columns = 0;
  const float* base = nullptr;  // both matrices have rows `stride` numbers apart
  float* out = nullptr;         // may be base
  size_t stride = 0;
};

// out[i][o] = base[i][o], then for each k in order out[i][o] = fma(left[k][i], right[k][o],
// out[i][o]). Cutting rows, columns or the products into several calls changes no bit.
void AddOuterProducts(const OuterProducts& products, Isa isa);

}  // namespace dne
