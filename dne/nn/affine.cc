// SPDX-License-Identifier: MIT
#include "dne/nn/affine.h"

#include <algorithm>

namespace dne::nn {

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

void Affine::SetParameters(const float* parameters) {
  parameters_ = parameters;
  transposed_.clear();
}

void Affine::StartWithBiases(const float* parameters, Rows<float> out) const {
  for (size_t r = 0; r < out.count; ++r) {
    std::copy_n(parameters + map_.biases, map_.outputs, out.row(r));
  }
}

void Affine::AddProduct(const float* parameters, Rows<const float> in, Rows<float> out) const {
  kernels_.multiply_add({.rows = out.count,
                         .columns = map_.outputs,
                         .depth = map_.inputs,
                         .a = in.first,
                         .a_row_step = in.pitch,
                         .a_depth_step = 1,
                         .b = parameters + map_.weights,
                         .b_pitch = map_.outputs,
                         .c = out.first,
                         .c_pitch = out.pitch});
}

void Affine::Apply(Rows<const float> in, Rows<float> out) const {
  StartWithBiases(parameters_, out);
  AddProduct(parameters_, in, out);
}

void Affine::Push(const float* direction, Rows<const float> in, Rows<const float> tangent_in,
                  Rows<float> out) const {
  StartWithBiases(direction, out);
  AddProduct(direction, in, out);
  AddProduct(parameters_, tangent_in, out);
}

void Affine::PullInputs(Rows<const float> gradient_out, Rows<float> gradient_in) {
  if (transposed_.empty()) {
    transposed_ = Transposed(parameters_ + map_.weights, map_.inputs, map_.outputs);
  }
  kernels_.multiply_add({.rows = gradient_out.count,
                         .columns = map_.inputs,
                         .depth = map_.outputs,
                         .a = gradient_out.first,
                         .a_row_step = gradient_out.pitch,
                         .a_depth_step = 1,
                         .b = transposed_.data(),
                         .b_pitch = map_.inputs,
                         .c = gradient_in.first,
                         .c_pitch = gradient_in.pitch});
}

void Affine::PullParameters(Rows<const float> in, Rows<const float> gradient_out,
                            float* part) const {
  PullWeights(in, gradient_out, part);
  PullBiases(gradient_out, part + map_.num_weights());
}

void Affine::PullWeights(Rows<const float> in, Rows<const float> gradient_out,
                         float* weights) const {
  kernels_.multiply_add({.rows = map_.inputs,
                         .columns = map_.outputs,
                         .depth = in.count,
                         .a = in.first,
                         .a_row_step = 1,
                         .a_depth_step = in.pitch,
                         .b = gradient_out.first,
                         .b_pitch = gradient_out.pitch,
                         .c = weights,
                         .c_pitch = map_.outputs});
}

void Affine::PullBiases(Rows<const float> gradient_out, float* biases) const {
  for (size_t r = 0; r < gradient_out.count; ++r) {
    const float* row = gradient_out.row(r);
    for (size_t o = 0; o < map_.outputs; ++o) biases[o] += row[o];
  }
}

}  // namespace dne::nn
