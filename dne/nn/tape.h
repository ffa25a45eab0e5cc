// SPDX-License-Identifier: MIT
// Inside of the output sensitivities: a network run on a batch of observations, with all that its
// derivatives need. Forward mode pushes a change of the parameters on to the outputs, reverse mode
// pulls a gradient of the outputs back to the parameters.
//
// A row is an observation. Those of a sequence follow each other; all sequences have `steps` rows.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "dne/nn/matrix.h"
#include "dne/nn/network.h"

namespace dne::nn {

// Some of the rows: whole sequences, or the first steps of one.
struct Block {
  size_t first;  // row
  size_t sequences;
  size_t steps;  // of each

  size_t rows() const { return sequences * steps; }
};

// What is added to a gradient: the sum over the rows of a block of each row's part, or of its
// absolute value. The latter only where a row's part is its own: of networks without a state.
enum class Gradients { kSum, kAbsolute };

// A layer. Matrices in have a row for each of the batch's, gradients one for each of the block's.
class LayerTape {
 public:
  virtual ~LayerTape() = default;

  // Evaluates the layer, whatever was in `out`, and remembers. All but `out` must stay alive and
  // unchanged while the other functions are used.
  virtual void Run(const float* parameters, const Matrix& in, size_t steps, Matrix& out) = 0;
  // `tangent_out`: how the outputs change when the inputs change by `tangent_in` and the
  // parameters by `direction`, to first order.
  virtual void Push(const float* direction, const Matrix& tangent_in, Matrix& tangent_out) = 0;
  // From the gradient by the outputs, which is used up, adds that by the parameters to `gradient`,
  // and that by the inputs to `gradient_in` unless null.
  virtual void Pull(const Block& block, Matrix& gradient_out, Matrix* gradient_in, float* gradient,
                    Gradients kind) = 0;
};

std::unique_ptr<LayerTape> MakeLayerTape(const Layer& layer, const MatrixKernels& kernels);
std::unique_ptr<LayerTape> MakeConvolutionTape(const Layer& layer, const MatrixKernels& kernels);
std::unique_ptr<LayerTape> MakeAveragePoolTape(const Layer& layer);
std::unique_ptr<LayerTape> MakeMaxPoolTape(const Layer& layer, const MatrixKernels& kernels);
std::unique_ptr<LayerTape> MakeRecurrentTape(const Layer& layer, const MatrixKernels& kernels);

class Tape {
 public:
  // The network must outlive it.
  Tape(const Network& network, Isa isa);

  // Returns the outputs, a row an observation. `inputs`: as the first layer reads them.
  const Matrix& Run(std::span<const float> parameters, Matrix inputs, size_t steps);
  const Matrix& inputs() const { return values_.front(); }
  const Matrix& outputs() const { return values_.back(); }

  // Of the last run.
  Matrix Push(std::span<const float> direction);
  void Pull(const Block& block, Matrix gradient_out, std::span<float> gradient, Gradients kind);

 private:
  const Network& network_;
  std::vector<std::unique_ptr<LayerTape>> layers_;
  std::vector<float> parameters_;
  std::vector<Matrix> values_;  // the inputs, then the outputs of each layer
  Matrix gradient_in_;
};

}  // namespace dne::nn
