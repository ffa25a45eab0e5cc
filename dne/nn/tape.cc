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

void AddTo(const float* __restrict from, size_t count, float* __restrict to) {
  for (size_t i = 0; i < count; ++i) to[i] += from[i];
}

// For each row of a kernel an affine map: of the inputs that lie side by side under it to the
// outputs. What the positions of an output row read there overlaps, a stride apart.
class ConvolutionTape final : public LayerTape {
 public:
  ConvolutionTape(const Layer& layer, const MatrixKernels& kernels)
      : layer_(layer),
        activation_(layer.spec.activation, kernels),
        image_(layer.padded.size()),
        change_(layer.padded.size()) {
    AffineMap map = layer.map;
    map.inputs /= static_cast<size_t>(layer.spec.kernel);
    for (int ky = 0; ky < layer.spec.kernel; ++ky, map.weights += map.num_weights()) {
      kernel_rows_.emplace_back(map, kernels);
    }
    reads_ = Matrix(static_cast<size_t>(layer.output.width), map.inputs);
  }

  void Run(const float* parameters, const Matrix& in, size_t, Matrix& out) override {
    in_ = &in;
    parameters_ = parameters;
    for (Affine& row : kernel_rows_) row.SetParameters(parameters);
    for (size_t r = 0; r < in.rows; ++r) {
      Pad(in.row(r), image_);
      for (size_t y = 0; y < height(); ++y) {
        const Rows<float> sums = OutputRow(out.row(r), y);
        kernel_rows_[0].StartWithBiases(parameters, sums);
        AddProducts(parameters, image_, y, sums);
      }
    }
    activation_.Run(out);
  }

  void Push(const float* direction, const Matrix& tangent_in, Matrix& tangent_out) override {
    for (size_t r = 0; r < tangent_in.rows; ++r) {
      Pad(in_->row(r), image_);
      Pad(tangent_in.row(r), change_);
      for (size_t y = 0; y < height(); ++y) {
        const Rows<float> sums = OutputRow(tangent_out.row(r), y);
        kernel_rows_[0].StartWithBiases(direction, sums);
        AddProducts(direction, image_, y, sums);
        AddProducts(parameters_, change_, y, sums);
      }
    }
    activation_.Scale(0, tangent_out);
  }

  void Pull(const Block& block, Matrix& gradient_out, Matrix* gradient_in, float* gradient,
            Gradients kind) override {
    activation_.Scale(block.first, gradient_out);
    for (size_t r = 0; r < gradient_out.rows; ++r) {
      Pad(in_->row(block.first + r), image_);
      if (kind == Gradients::kSum) {
        PullParameters(gradient_out.row(r), kernel_rows_[0].PartOf(gradient));
      } else {
        AddAbsolute(gradient_out.row(r), kernel_rows_[0].PartOf(gradient));
      }
      if (gradient_in) PullInputs(gradient_out.row(r), gradient_in->row(r));
    }
  }

 private:
  using Image = std::vector<float>;

  size_t height() const { return static_cast<size_t>(layer_.output.height); }

  Rows<float> OutputRow(float* image, size_t y) const {
    const auto width = static_cast<size_t>(layer_.output.width);
    const auto units = static_cast<size_t>(layer_.spec.units);
    return {image + y * width * units, width, units};
  }

  // What the positions of output row y read in row ky of the kernel.
  template <class Number>
  Rows<Number> InputRow(Number* padded, size_t y, size_t ky) const {
    const auto stride = static_cast<size_t>(layer_.spec.stride);
    const auto channels = static_cast<size_t>(layer_.input.channels);
    const size_t row = (y * stride + ky) * static_cast<size_t>(layer_.padded.width);
    return {padded + row * channels, static_cast<size_t>(layer_.output.width), stride * channels};
  }

  void AddProducts(const float* parameters, const Image& from, size_t y, Rows<float> sums) const {
    for (size_t ky = 0; ky < kernel_rows_.size(); ++ky) {
      kernel_rows_[ky].AddProduct(parameters, InputRow(from.data(), y, ky), sums);
    }
  }

  // Visits the rows of an image: visit(offset of its numbers, offset in the padded one, how many).
  template <class Visit>
  void ForEachImageRow(const Visit& visit) const {
    const Shape& shape = layer_.input;
    const auto count = static_cast<size_t>(shape.width * shape.channels);
    for (int y = 0; y < shape.height; ++y) {
      const int at =
          ((y + layer_.pad_top) * layer_.padded.width + layer_.pad_left) * shape.channels;
      visit(static_cast<size_t>(y) * count, static_cast<size_t>(at), count);
    }
  }

  // Padding is zero for good.
  void Pad(const float* image, Image& padded) const {
    ForEachImageRow([&](size_t from, size_t to, size_t count) {
      std::copy_n(image + from, count, padded.data() + to);
    });
  }

  // `part`: the layer's weights, then its biases.
  void PullParameters(float* changes, float* part) const {
    for (size_t y = 0; y < height(); ++y) {
      const Rows<float> row = OutputRow(changes, y);
      for (size_t ky = 0; ky < kernel_rows_.size(); ++ky) {
        kernel_rows_[ky].PullWeights(InputRow(image_.data(), y, ky), row,
                                     part + ky * kernel_rows_[ky].num_weights());
      }
      kernel_rows_[0].PullBiases(row, part + layer_.map.num_weights());
    }
  }

  // The parameters of this observation alone, and of them the absolute values.
  void AddAbsolute(float* changes, float* part) {
    own_part_.assign(layer_.map.end() - layer_.map.weights, 0.0f);
    PullParameters(changes, own_part_.data());
    for (size_t i = 0; i < own_part_.size(); ++i) part[i] += std::abs(own_part_[i]);
  }

  void PullInputs(float* changes, float* image) {
    Image padded(change_.size());
    for (size_t y = 0; y < height(); ++y) {
      for (size_t ky = 0; ky < kernel_rows_.size(); ++ky) {
        std::ranges::fill(reads_.values, 0.0f);
        kernel_rows_[ky].PullInputs(OutputRow(changes, y), AllRows(reads_));
        const Rows<float> to = InputRow(padded.data(), y, ky);
        for (size_t x = 0; x < to.count; ++x) AddTo(reads_.row(x), reads_.columns, to.row(x));
      }
    }
    ForEachImageRow([&](size_t to, size_t from, size_t count) {
      AddTo(padded.data() + from, count, image + to);
    });
  }

  const Layer& layer_;
  std::vector<Affine> kernel_rows_;
  ActivationTape activation_;
  const float* parameters_ = nullptr;
  const Matrix* in_ = nullptr;
  // Of one observation, padded.
  Image image_;
  Image change_;
  Matrix reads_;  // gradients by what an output row reads
  std::vector<float> own_part_;
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
      return MakeAveragePoolTape(layer);
    case LayerType::kMaxPool:
      return MakeMaxPoolTape(layer);
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
