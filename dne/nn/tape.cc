// SPDX-License-Identifier: MIT
// Dense layers, and the walk over all.
#include "dne/nn/tape.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "dne/base/error.h"
#include "dne/nn/activation_tape.h"
#include "dne/nn/affine.h"

namespace dne::nn {
namespace {

std::vector<float> Absolute(const float* values, size_t count) {
  std::vector<float> absolute(values, values + count);
  for (float& value : absolute) value = std::abs(value);
  return absolute;
}

class DenseTape final : public LayerTape {
 public:
  DenseTape(const Layer& layer, const MatrixKernels& kernels)
      : affine_(layer.map, kernels), activation_(layer.spec.activation, kernels) {}

  void Run(const float* parameters, const Matrix& in, size_t, Matrix& out) override {
    in_ = &in;
    affine_.SetParameters(parameters);
    affine_.Apply(AllRows(in), AllRows(out));
    activation_.Run(out);
  }

  void Push(const float* direction, const Matrix& tangent_in, Matrix& tangent_out) override {
    affine_.Push(direction, AllRows(*in_), AllRows(tangent_in), AllRows(tangent_out));
    activation_.Scale(0, tangent_out);
  }

  // A row's part of the gradient is its input times its gradient, each with each: so its absolute
  // value is the product of theirs.
  void Pull(const Block& block, Matrix& gradient_out, Matrix* gradient_in, float* gradient,
            Gradients kind) override {
    activation_.Scale(block.first, gradient_out);
    const Rows<const float> in{in_->row(block.first), block.rows(), in_->columns};
    if (kind == Gradients::kSum) {
      affine_.PullParameters(in, AllRows(gradient_out), affine_.PartOf(gradient));
    } else {
      const std::vector<float> inputs = Absolute(in.first, in.count * in.pitch);
      const std::vector<float> changes = Absolute(gradient_out.row(0), gradient_out.values.size());
      affine_.PullParameters({inputs.data(), in.count, in.pitch},
                             {changes.data(), gradient_out.rows, gradient_out.columns},
                             affine_.PartOf(gradient));
    }
    if (gradient_in) affine_.PullInputs(AllRows(gradient_out), AllRows(*gradient_in));
  }

 private:
  Affine affine_;
  ActivationTape activation_;
  const Matrix* in_ = nullptr;
};

void Add(const Matrix& from, Matrix& to) {
  for (size_t i = 0; i < to.values.size(); ++i) to.values[i] += from.values[i];
}

}  // namespace

std::unique_ptr<LayerTape> MakeLayerTape(const Layer& layer, const MatrixKernels& kernels) {
  switch (layer.spec.type) {
    case LayerType::kConv2d:
      return MakeConvolutionTape(layer, kernels);
    case LayerType::kDense:
      return std::make_unique<DenseTape>(layer, kernels);
    case LayerType::kAveragePool:
      return MakeAveragePoolTape(layer);
    case LayerType::kMaxPool:
      return MakeMaxPoolTape(layer, kernels);
    case LayerType::kRnn:
    case LayerType::kGru:
    case LayerType::kLstm:
      return MakeRecurrentTape(layer, kernels);
  }
  DNE_CHECK(false && "no such layer");
}

Tape::Tape(const Network& network, Isa isa) : network_(network) {
  for (const Layer& layer : network.layers()) {
    layers_.push_back(MakeLayerTape(layer, MatrixKernelsFor(isa)));
  }
}

const Matrix& Tape::Run(std::span<const float> parameters, Matrix inputs, size_t steps) {
  DNE_CHECK(parameters.size() == network_.num_parameters());
  DNE_CHECK(inputs.columns == network_.input().size() && inputs.rows % steps == 0);
  parameters_.assign(parameters.begin(), parameters.end());
  values_.resize(layers_.size() + 1);
  const size_t rows = inputs.rows;
  values_.front() = std::move(inputs);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = network_.layers()[i];
    Matrix& out = values_[i + 1];
    out.Resize(rows, layer.output.size());
    layers_[i]->Run(parameters_.data(), values_[i], steps, out);
    if (layer.skip_from) Add(values_[*layer.skip_from + 1], out);
  }
  return values_.back();
}

Matrix Tape::Push(std::span<const float> direction) {
  DNE_CHECK(direction.size() == network_.num_parameters());
  std::vector<Matrix> tangents;
  tangents.emplace_back(values_[0].rows, values_[0].columns);
  for (size_t i = 0; i < layers_.size(); ++i) {
    Matrix out(tangents[i].rows, values_[i + 1].columns);
    layers_[i]->Push(direction.data(), tangents[i], out);
    const std::optional<size_t>& from = network_.layers()[i].skip_from;
    if (from) Add(tangents[*from + 1], out);
    tangents.push_back(std::move(out));
  }
  return std::move(tangents.back());
}

void Tape::Pull(const Block& block, Matrix gradient_out, std::span<float> gradient,
                Gradients kind) {
  DNE_CHECK(gradient.size() == network_.num_parameters());
  std::vector<Matrix> skipped(layers_.size());  // what skips bring back to each layer's outputs
  for (size_t i = layers_.size(); i-- > 0;) {
    if (!skipped[i].values.empty()) Add(skipped[i], gradient_out);
    const std::optional<size_t>& from = network_.layers()[i].skip_from;
    if (from) skipped[*from] = gradient_out;
    if (i > 0) {
      gradient_in_.Resize(block.rows(), values_[i].columns);
      std::ranges::fill(gradient_in_.values, 0.0f);
    }
    layers_[i]->Pull(block, gradient_out, i > 0 ? &gradient_in_ : nullptr, gradient.data(), kind);
    std::swap(gradient_out, gradient_in_);
  }
}

}  // namespace dne::nn
