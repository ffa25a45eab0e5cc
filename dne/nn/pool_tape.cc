// SPDX-License-Identifier: MIT
// Pooling, which has no parameters.
#include <algorithm>
#include <cstdint>
#include <numeric>

#include "dne/nn/tape.h"

namespace dne::nn {
namespace {

class AveragePoolTape final : public LayerTape {
 public:
  explicit AveragePoolTape(const Layer& layer) : shape_(layer.input) {}

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
      std::fill_n(to, out.columns, 0.0f);
      for (size_t p = 0; p < shape_.positions(); ++p, from += out.columns) {
        for (size_t c = 0; c < out.columns; ++c) to[c] += from[c];
      }
      for (size_t c = 0; c < out.columns; ++c) to[c] /= positions();
    }
  }

  Shape shape_;
};

// Each output is one of the inputs: the first of the largest, where all are numbers.
class MaxPoolTape final : public LayerTape {
 public:
  MaxPoolTape(const Layer& layer, const MatrixKernels& kernels)
      : layer_(layer), kernels_(kernels) {}

  void Run(const float*, const Matrix& in, size_t, Matrix& out) override {
    columns_ = out.columns;
    chosen_.resize(out.values.size());
    for (size_t r = 0; r < in.rows; ++r) {
      TakeLargest(in.row(r), out.row(r), chosen_.data() + r * columns_);
    }
  }

  void Push(const float*, const Matrix& tangent_in, Matrix& tangent_out) override {
    for (size_t r = 0; r < tangent_in.rows; ++r) {
      for (size_t o = 0; o < columns_; ++o) {
        tangent_out.row(r)[o] = tangent_in.row(r)[chosen_[r * columns_ + o]];
      }
    }
  }

  void Pull(const Block& block, Matrix& gradient_out, Matrix* gradient_in, float*,
            Gradients) override {
    if (!gradient_in) return;
    for (size_t r = 0; r < gradient_out.rows; ++r) {
      const uint32_t* chosen = chosen_.data() + (block.first + r) * columns_;
      for (size_t o = 0; o < columns_; ++o) {
        gradient_in->row(r)[chosen[o]] += gradient_out.row(r)[o];
      }
    }
  }

 private:
  // `chosen`: where in the image each of them is.
  void TakeLargest(const float* image, float* largest, uint32_t* chosen) const {
    const auto channels = static_cast<size_t>(layer_.input.channels);
    const auto width = static_cast<size_t>(layer_.input.width);
    const auto kernel = static_cast<size_t>(layer_.spec.kernel);
    const auto stride = static_cast<size_t>(layer_.spec.stride);
    for (size_t p = 0; p < layer_.output.positions(); ++p) {
      const size_t y = p / static_cast<size_t>(layer_.output.width);
      const size_t x = p % static_cast<size_t>(layer_.output.width);
      const size_t first = (y * width + x) * stride * channels;
      std::copy_n(image + first, channels, largest);
      std::iota(chosen, chosen + channels, static_cast<uint32_t>(first));
      for (size_t i = 1; i < kernel * kernel; ++i) {
        const size_t at = first + (i / kernel * width + i % kernel) * channels;
        kernels_.keep_larger(image + at, static_cast<uint32_t>(at), channels, largest, chosen);
      }
      largest += channels;
      chosen += channels;
    }
  }

  const Layer& layer_;
  const MatrixKernels& kernels_;
  size_t columns_ = 0;
  std::vector<uint32_t> chosen_;  // of each output of each row an input
};

}  // namespace

std::unique_ptr<LayerTape> MakeAveragePoolTape(const Layer& layer) {
  return std::make_unique<AveragePoolTape>(layer);
}

std::unique_ptr<LayerTape> MakeMaxPoolTape(const Layer& layer, const MatrixKernels& kernels) {
  return std::make_unique<MaxPoolTape>(layer, kernels);
}

}  // namespace dne::nn
