// SPDX-License-Identifier: MIT
// Inside of the output sensitivities: matrices with a row an observation, and the few kernels that
// all their time goes to. One set for each code path, all with the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/isa.h"
#include "dne/nn/kernels.h"
#include "dne/nn/network.h"

namespace dne::nn {

// Rows one after the other.
struct Matrix {
  size_t rows = 0;
  size_t columns = 0;
  std::vector<float> values;

  Matrix() = default;
  Matrix(size_t num_rows, size_t num_columns)  // of zeros
      : rows(num_rows), columns(num_columns), values(num_rows * num_columns) {}

  // Values stay what they were, in no order.
  void Resize(size_t num_rows, size_t num_columns) {
    rows = num_rows;
    columns = num_columns;
    values.resize(num_rows * num_columns);
  }

  float* row(size_t r) { return values.data() + r * columns; }
  const float* row(size_t r) const { return values.data() + r * columns; }
};

// [columns][rows].
std::vector<float> Transposed(const float* values, size_t rows, size_t columns);

// c[r][o] = fma(a[r][i], b[i][o], c[r][o]) for i = 0, 1, ... in order. Numbers of `a` lie where its
// two steps say, so that it may be a transposed matrix or rows apart from each other. The sums go
// on through segments, of `depth` terms each, that lie steps apart in
// `a` and in `b`. From zero: they begin there, whatever is in `c`.
struct Product {
  size_t rows;
  size_t columns;
  size_t depth;
  const float* a;
  size_t a_row_step;
  size_t a_depth_step;
  const float* b;
  size_t b_pitch;
  float* c;
  size_t c_pitch;
  size_t segments = 1;
  size_t a_segment_step = 0;
  size_t b_segment_step = 0;
  bool from_zero = false;
};

struct MatrixKernels {
  void (*multiply_add)(const Product& product);
  void (*add)(const float* from, size_t count, float* to);
  // Where values[i] > largest[i], writes it there, and at + i to chosen[i].
  void (*keep_larger)(const float* values, uint32_t at, size_t count, float* largest,
                      uint32_t* chosen);
  // `slopes`: of the activation at each value.
  void (*activate)(Activation activation, std::span<float> values, float* slopes);
  void (*step_cell)(const Cell& cell);
};

const MatrixKernels& MatrixKernelsFor(Isa isa);

// The kernels, of each vector path.
template <Isa>
void MultiplyAdd(const Product& product);
template <Isa>
void Add(const float* from, size_t count, float* to);
template <Isa>
void KeepLarger(const float* values, uint32_t at, size_t count, float* largest, uint32_t* chosen);
template <Isa>
void ActivateAll(Activation activation, std::span<float> values, float* slopes);

}  // namespace dne::nn
