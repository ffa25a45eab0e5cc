// SPDX-License-Identifier: MIT
// Convolutions. All three products of one, forwards and by weights and inputs backwards, are made
// where the image lies: what neighbouring positions read there overlaps, a stride apart.
#include <algorithm>
#include <cmath>
#include <vector>

#include "dne/nn/activation_tape.h"
#include "dne/nn/tape.h"

namespace dne::nn {
namespace {

class ConvolutionTape final : public LayerTape {
 public:
  ConvolutionTape(const Layer& layer, const MatrixKernels& kernels)
      : layer_(layer),
        kernels_(kernels),
        activation_(layer.spec.activation, kernels),
        kernel_(Size(layer.spec.kernel)),
        run_(layer.map.inputs / kernel_),
        units_(layer.map.outputs),
        step_(Size(layer.spec.stride) * Size(layer.input.channels)),
        pitch_(Size(layer.padded.width) * Size(layer.input.channels)),
        row_step_(Size(layer.spec.stride) * pitch_),
        height_(Size(layer.output.height)),
        width_(Size(layer.output.width)),
        image_(layer.padded.size()),
        change_(layer.padded.size()),
        reads_(width_, run_) {}

  void Run(const float* parameters, const Matrix& in, size_t, Matrix& out) override {
    in_ = &in;
    parameters_ = parameters;
    transposed_.clear();
    for (size_t r = 0; r < in.rows; ++r) {
      Pad(in.row(r), image_);
      StartWithBiases(parameters, out.row(r));
      AddProducts(parameters, image_, out.row(r));
    }
    activation_.Run(out);
  }

  void Push(const float* direction, const Matrix& tangent_in, Matrix& tangent_out) override {
    for (size_t r = 0; r < tangent_in.rows; ++r) {
      Pad(in_->row(r), image_);
      Pad(tangent_in.row(r), change_);
      StartWithBiases(direction, tangent_out.row(r));
      AddProducts(direction, image_, tangent_out.row(r));
      AddProducts(parameters_, change_, tangent_out.row(r));
    }
    activation_.Scale(0, tangent_out);
  }

  void Pull(const Block& block, Matrix& gradient_out, Matrix* gradient_in, float* gradient,
            Gradients kind) override {
    activation_.Scale(block.first, gradient_out);
    float* part = gradient + layer_.map.weights;
    for (size_t r = 0; r < gradient_out.rows; ++r) {
      Pad(in_->row(block.first + r), image_);
      if (kind == Gradients::kSum) {
        PullParameters(gradient_out.row(r), part);
      } else {
        AddAbsolute(gradient_out.row(r), part);
      }
      if (gradient_in) PullInputs(gradient_out.row(r), gradient_in->row(r));
    }
  }

 private:
  using Image = std::vector<float>;

  static size_t Size(int n) { return static_cast<size_t>(n); }

  void StartWithBiases(const float* parameters, float* out) const {
    const float* biases = parameters + layer_.map.biases;
    for (size_t p = 0; p < height_ * width_; ++p) std::copy_n(biases, units_, out + p * units_);
  }

  // Each output's sum goes on through the rows of its kernel.
  void AddProducts(const float* parameters, const Image& padded, float* out) const {
    for (size_t y = 0; y < height_; ++y) {
      kernels_.multiply_add({.rows = width_,
                             .columns = units_,
                             .depth = run_,
                             .a = padded.data() + y * row_step_,
                             .a_row_step = step_,
                             .a_depth_step = 1,
                             .b = parameters + layer_.map.weights,
                             .b_pitch = units_,
                             .c = out + y * width_ * units_,
                             .c_pitch = units_,
                             .segments = kernel_,
                             .a_segment_step = pitch_,
                             .b_segment_step = run_ * units_});
    }
  }

  // `part`: the layer's weights, then its biases. Each weight's sum goes on through the rows of the
  // image.
  void PullParameters(const float* changes, float* part) const {
    for (size_t ky = 0; ky < kernel_; ++ky) {
      kernels_.multiply_add({.rows = run_,
                             .columns = units_,
                             .depth = width_,
                             .a = image_.data() + ky * pitch_,
                             .a_row_step = 1,
                             .a_depth_step = step_,
                             .b = changes,
                             .b_pitch = units_,
                             .c = part + ky * run_ * units_,
                             .c_pitch = units_,
                             .segments = height_,
                             .a_segment_step = row_step_,
                             .b_segment_step = width_ * units_});
    }
    float* biases = part + layer_.map.num_weights();
    for (size_t p = 0; p < height_ * width_; ++p)
      kernels_.add(changes + p * units_, units_, biases);
  }

  // The parameters of this observation alone, and of them the absolute values.
  void AddAbsolute(const float* changes, float* part) {
    own_part_.assign(layer_.map.end() - layer_.map.weights, 0.0f);
    PullParameters(changes, own_part_.data());
    for (size_t i = 0; i < own_part_.size(); ++i) part[i] += std::abs(own_part_[i]);
  }

  void PullInputs(const float* changes, float* image) {
    if (transposed_.empty()) Transpose();
    Image padded(change_.size());
    for (size_t y = 0; y < height_; ++y) {
      for (size_t ky = 0; ky < kernel_; ++ky) {
        kernels_.multiply_add({.rows = width_,
                               .columns = run_,
                               .depth = units_,
                               .a = changes + y * width_ * units_,
                               .a_row_step = units_,
                               .a_depth_step = 1,
                               .b = transposed_.data() + ky * run_ * units_,
                               .b_pitch = run_,
                               .c = reads_.row(0),
                               .c_pitch = run_,
                               .from_zero = true});
        float* to = padded.data() + y * row_step_ + ky * pitch_;
        for (size_t x = 0; x < width_; ++x) kernels_.add(reads_.row(x), run_, to + x * step_);
      }
    }
    ForEachImageRow([&](size_t to, size_t from, size_t count) {
      kernels_.add(padded.data() + from, count, image + to);
    });
  }

  // Of each row of the kernel, [units][run].
  void Transpose() {
    for (size_t ky = 0; ky < kernel_; ++ky) {
      const float* weights = parameters_ + layer_.map.weights + ky * run_ * units_;
      const std::vector<float> row = Transposed(weights, run_, units_);
      transposed_.insert(transposed_.end(), row.begin(), row.end());
    }
  }

  // Visits the rows of an image: visit(offset of its numbers, offset in the padded one, how many).
  template <class Visit>
  void ForEachImageRow(const Visit& visit) const {
    const Shape& shape = layer_.input;
    const size_t count = Size(shape.width) * Size(shape.channels);
    for (size_t y = 0; y < Size(shape.height); ++y) {
      const size_t left = Size(layer_.pad_left) * Size(shape.channels);
      visit(y * count, (y + Size(layer_.pad_top)) * pitch_ + left, count);
    }
  }

  // Padding is zero for good.
  void Pad(const float* image, Image& padded) const {
    ForEachImageRow([&](size_t from, size_t to, size_t count) {
      std::copy_n(image + from, count, padded.data() + to);
    });
  }

  const Layer& layer_;
  const MatrixKernels& kernels_;
  ActivationTape activation_;
  size_t kernel_;
  size_t run_;  // what lies side by side under a row of the kernel
  size_t units_;
  size_t step_;   // in the padded image, from a position to its neighbour
  size_t pitch_;  // of its rows
  size_t row_step_;
  size_t height_;  // of the outputs
  size_t width_;
  const float* parameters_ = nullptr;
  const Matrix* in_ = nullptr;
  std::vector<float> transposed_;  // the weights, once they are asked for
  // Of one observation, padded.
  Image image_;
  Image change_;
  Matrix reads_;  // gradients by what an output row reads
  std::vector<float> own_part_;
};

}  // namespace

std::unique_ptr<LayerTape> MakeConvolutionTape(const Layer& layer, const MatrixKernels& kernels) {
  return std::make_unique<ConvolutionTape>(layer, kernels);
}

}  // namespace dne::nn
