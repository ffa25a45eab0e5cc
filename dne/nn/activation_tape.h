// SPDX-License-Identifier: MIT
// Inside of the tape: what layers without a state do to their sums, and its derivative.
#pragma once

#include "dne/nn/matrix.h"

namespace dne::nn {

// Activates the sums in `out`, and keeps the slopes there.
class ActivationTape {
 public:
  ActivationTape(Activation activation, const MatrixKernels& kernels)
      : activation_(activation), kernels_(kernels) {}

  void Run(Matrix& out) {
    slopes_.Resize(out.rows, out.columns);
    kernels_.activate(activation_, out.values, slopes_.values.data());
  }
  // Of the rows from `first` on: tangents forwards, gradients backwards.
  void Scale(size_t first, Matrix& changes) const {
    const float* slopes = slopes_.row(first);
    for (size_t i = 0; i < changes.values.size(); ++i) changes.values[i] *= slopes[i];
  }

 private:
  Activation activation_;
  const MatrixKernels& kernels_;
  Matrix slopes_;
};

}  // namespace dne::nn
