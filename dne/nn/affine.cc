// SPDX-License-Identifier: MIT
#include "dne/nn/affine.h"

#include <algorithm>

namespace dne::nn {

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
  kernels_.multiply_add({.rows = map_.inputs,
                         .columns = map_.outputs,
                         .depth = in.count,
                         .a = in.first,
                         .a_row_step = 1,
                         .a_depth_step = in.pitch,
                         .b = gradient_out.first,
                         .b_pitch = gradient_out.pitch,
                         .c = part,
                         .c_pitch = map_.outputs});
  float* biases = part + map_.num_weights();
  for (size_t r = 0; r < gradient_out.count; ++r) {
    kernels_.add(gradient_out.row(r), map_.outputs, biases);
  }
}

}  // namespace dne::nn
