// SPDX-License-Identifier: MIT
// Inside of the output sensitivities: an affine map on rows, and its derivatives.
#pragma once

#include <span>
#include <vector>

#include "dne/nn/matrix.h"
#include "dne/nn/network.h"

namespace dne::nn {

// Rows of a matrix that begin `pitch` numbers apart; what is only read may overlap.
template <class Number>
struct Rows {
  Number* first;
  size_t count;
  size_t pitch;

  Number* row(size_t r) const { return first + r * pitch; }
  operator Rows<const float>() const { return {first, count, pitch}; }
};
inline Rows<float> AllRows(Matrix& m) { return {m.row(0), m.rows, m.columns}; }
inline Rows<const float> AllRows(const Matrix& m) { return {m.row(0), m.rows, m.columns}; }

class Affine {
 public:
  Affine(const AffineMap& map, const MatrixKernels& kernels) : map_(map), kernels_(kernels) {}

  // They must stay alive and unchanged while the other functions are used.
  void SetParameters(const float* parameters);

  // out = biases + in * weights.
  void Apply(Rows<const float> in, Rows<float> out) const;
  // out = biases' + in * weights' + tangent_in * weights, the first two of the direction.
  void Push(const float* direction, Rows<const float> in, Rows<const float> tangent_in,
            Rows<float> out) const;
  // gradient_in += gradient_out * weights transposed.
  void PullInputs(Rows<const float> gradient_out, Rows<float> gradient_in);
  // To the part of the gradient that is this map's adds in transposed * gradient_out and, behind
  // it, the sum of the rows of gradient_out.
  void PullParameters(Rows<const float> in, Rows<const float> gradient_out, float* part) const;
  float* PartOf(float* gradient) const { return gradient + map_.weights; }

  size_t outputs() const { return map_.outputs; }

 private:
  // The pieces of these. `parameters`: the network's, or a direction.
  void StartWithBiases(const float* parameters, Rows<float> out) const;
  void AddProduct(const float* parameters, Rows<const float> in, Rows<float> out) const;

  AffineMap map_;
  const MatrixKernels& kernels_;
  const float* parameters_ = nullptr;
  std::vector<float> transposed_;  // the weights, once they are asked for
};

}  // namespace dne::nn
