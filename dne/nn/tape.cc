// SPDX-License-Identifier: MIT
// Layers without a state, and the walk over all.
#include "dne/nn/tape.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "dne/base/error.h"
#include "dne/nn/activation.h"
#include "dne/nn/affine.h"

namespace dne::nn {
namespace {

// Of an activation, from its value.
float Slope(Activation activation, float y) {
  switch (activation) {
    case Activation::kRelu:
      return y > 0 ? 1.0f : 0.0f;
    case Activation::kTanh:
      return 1.0f - y * y;
    case Activation::kSelu:
      return y > 0 ? kSeluScale : y + kSeluScaleAlpha;
    case Activation::kSigmoid:
      return y * (1.0f - y);
    case Activation::kLinear:
      return 1.0f;
  }
  return 1.0f;
}

// Activates the sums in `out`, and keeps the slopes there.
class ActivationTape {
 public:
  ActivationTape(Activation activation, const MatrixKernels& kernels)
      : activation_(activation), kernels_(kernels) {}

  void Run(Matrix& out) {
    kernels_.activate(activation_, out.values);
    slopes_ = Matrix(out.rows, out.columns);
    for (size_t i = 0; i < out.values.size(); ++i) {
      slopes_.values[i] = Slope(activation_, out.values[i]);
    }
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

// Visits the runs of taps that lie side by side in the input, of each position in order: calls
// visit(offset in the patches, offset in the input, how many numbers). Padding is left out.
template <class Visit>
void ForEachRun(const Layer& layer, const Visit& visit) {
  const int kernel = layer.spec.kernel;
  const int channels = layer.input.channels;
  size_t patch = 0;
  for (int y = 0; y < layer.output.height; ++y) {
    for (int x = 0; x < layer.output.width; ++x) {
      const int left = x * layer.spec.stride - layer.pad_left;
      const int begin = std::max(left, 0);
      const int end = std::min(left + kernel, layer.input.width);
      for (int ky = 0; ky < kernel; ++ky, patch += static_cast<size_t>(kernel * channels)) {
        const int row = y * layer.spec.stride + ky - layer.pad_top;
        if (row < 0 || row >= layer.input.height || begin >= end) continue;
        visit(patch + static_cast<size_t>((begin - left) * channels),
              static_cast<size_t>((row * layer.input.width + begin) * channels),
              static_cast<size_t>((end - begin) * channels));
      }
    }
  }
}

// An affine map on patches: what each output position reads.
class ConvolutionTape final : public LayerTape {
 public:
  ConvolutionTape(const Layer& layer, const MatrixKernels& kernels)
      : layer_(layer),
        affine_(layer.map, kernels),
        activation_(layer.spec.activation, kernels),
        patches_(layer.output.positions(), layer.map.inputs),
        changes_(patches_) {}

  void Run(const float* parameters, const Matrix& in, size_t, Matrix& out) override {
    in_ = &in;
    affine_.SetParameters(parameters);
    for (size_t r = 0; r < in.rows; ++r) {
      Spread(in.row(r), patches_);
      affine_.Apply(AllRows(std::as_const(patches_)), Positions(out.row(r)));
    }
    activation_.Run(out);
  }

  void Push(const float* direction, const Matrix& tangent_in, Matrix& tangent_out) override {
    std::ranges::fill(changes_.values, 0.0f);  // PullInputs leaves something at the padding
    for (size_t r = 0; r < tangent_in.rows; ++r) {
      Spread(in_->row(r), patches_);
      Spread(tangent_in.row(r), changes_);
      affine_.Push(direction, AllRows(patches_), AllRows(changes_), Positions(tangent_out.row(r)));
    }
    activation_.Scale(0, tangent_out);
  }

  void Pull(const Block& block, Matrix& gradient_out, Matrix* gradient_in, float* gradient,
            Gradients kind) override {
    activation_.Scale(block.first, gradient_out);
    for (size_t r = 0; r < gradient_out.rows; ++r) {
      const Rows<float> changes = Positions(gradient_out.row(r));
      Spread(in_->row(block.first + r), patches_);
      if (kind == Gradients::kSum) {
        affine_.PullParameters(AllRows(patches_), changes, affine_.PartOf(gradient));
      } else {
        AddAbsolute(changes, gradient);
      }
      if (gradient_in) PullInputs(changes, gradient_in->row(r));
    }
  }

 private:
  Rows<float> Positions(float* row) const {
    return {row, layer_.output.positions(), affine_.outputs()};
  }

  void Spread(const float* image, Matrix& patches) const {
    ForEachRun(layer_, [&](size_t patch, size_t at, size_t count) {
      std::copy_n(image + at, count, patches.values.data() + patch);
    });
  }

  // The parameters of this row alone, and of them the absolute values.
  void AddAbsolute(Rows<const float> changes, float* gradient) {
    one_row_.assign(layer_.map.end() - layer_.map.weights, 0.0f);
    affine_.PullParameters(AllRows(patches_), changes, one_row_.data());
    float* out = affine_.PartOf(gradient);
    for (size_t i = 0; i < one_row_.size(); ++i) out[i] += std::abs(one_row_[i]);
  }

  void PullInputs(Rows<const float> changes, float* image) {
    std::ranges::fill(changes_.values, 0.0f);
    affine_.PullInputs(changes, AllRows(changes_));
    ForEachRun(layer_, [&](size_t patch, size_t at, size_t count) {
      const float* from = changes_.values.data() + patch;
      for (size_t i = 0; i < count; ++i) image[at + i] += from[i];
    });
  }

  const Layer& layer_;
  Affine affine_;
  ActivationTape activation_;
  const Matrix* in_ = nullptr;
  // Of one row.
  Matrix patches_;  // padding stays zero
  Matrix changes_;
  std::vector<float> one_row_;
};

class PoolTape final : public LayerTape {
 public:
  explicit PoolTape(const Layer& layer) : shape_(layer.input) {}

  void Run(const float*, const Matrix& in, size_t, Matrix& out) override { Average(in, out); }
  void Push(const float*, const Matrix& tangent_in, Matrix& tangent_out) override {
    Average(tangent_in, tangent_out);
  }
  void Pull(const Block&, Matrix& gradient_out, Matrix* gradient_in, float*, Gradients) override {
    if (!gradient_in) return;
    for (size_t r = 0; r < gradient_out.rows; ++r) {
      const float* from = gradient_out.row(r);
      float* to = gradient_in->row(r);
      for (size_t p = 0; p < shape_.positions(); ++p, to += gradient_out.columns) {
        for (size_t c = 0; c < gradient_out.columns; ++c) to[c] += from[c] / positions();
      }
    }
  }

 private:
  float positions() const { return static_cast<float>(shape_.positions()); }

  void Average(const Matrix& in, Matrix& out) const {
    for (size_t r = 0; r < in.rows; ++r) {
      const float* from = in.row(r);
      float* to = out.row(r);
      for (size_t p = 0; p < shape_.positions(); ++p, from += out.columns) {
        for (size_t c = 0; c < out.columns; ++c) to[c] += from[c];
      }
      for (size_t c = 0; c < out.columns; ++c) to[c] /= positions();
    }
  }

  Shape shape_;
};

void Add(const Matrix& from, Matrix& to) {
  for (size_t i = 0; i < to.values.size(); ++i) to.values[i] += from.values[i];
}

}  // namespace

std::unique_ptr<LayerTape> MakeLayerTape(const Layer& layer, const MatrixKernels& kernels) {
  switch (layer.spec.type) {
    case LayerType::kConv2d:
      return std::make_unique<ConvolutionTape>(layer, kernels);
    case LayerType::kDense:
      return std::make_unique<DenseTape>(layer, kernels);
    case LayerType::kAveragePool:
      return std::make_unique<PoolTape>(layer);
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
  values_.clear();
  values_.reserve(layers_.size() + 1);
  const size_t rows = inputs.rows;
  values_.push_back(std::move(inputs));
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = network_.layers()[i];
    Matrix& out = values_.emplace_back(rows, layer.output.size());
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
    Matrix gradient_in;
    if (i > 0) gradient_in = Matrix(block.rows(), values_[i].columns);
    layers_[i]->Pull(block, gradient_out, i > 0 ? &gradient_in : nullptr, gradient.data(), kind);
    gradient_out = std::move(gradient_in);
  }
}

}  // namespace dne::nn
