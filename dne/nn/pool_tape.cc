// SPDX-License-Identifier: MIT
// Pooling, which has no parameters.
#include <cstdint>

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
  explicit MaxPoolTape(const Layer& layer) : layer_(layer) {}

  void Run(const float*, const Matrix& in, size_t, Matrix& out) override {
    columns_ = out.columns;
    chosen_.resize(out.values.size());
    for (size_t r = 0; r < in.rows; ++r) {
      for (size_t o = 0; o < columns_; ++o) {
        const size_t at = LargestOf(in.row(r), o);
        chosen_[r * columns_ + o] = static_cast<uint32_t>(at);
        out.row(r)[o] = in.row(r)[at];
      }
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
  // Where in the image.
  size_t LargestOf(const float* image, size_t output) const {
    const auto channels = static_cast<size_t>(layer_.input.channels);
    const auto width = static_cast<size_t>(layer_.input.width);
    const auto kernel = static_cast<size_t>(layer_.spec.kernel);
    const auto stride = static_cast<size_t>(layer_.spec.stride);
    const size_t y = output / channels / static_cast<size_t>(layer_.output.width);
    const size_t x = output / channels % static_cast<size_t>(layer_.output.width);
    const size_t first = (y * width + x) * stride * channels + output % channels;
    size_t largest = first;
    for (size_t i = 1; i < kernel * kernel; ++i) {
      const size_t at = first + (i / kernel * width + i % kernel) * channels;
      if (image[at] > image[largest]) largest = at;
    }
    return largest;
  }

  const Layer& layer_;
  size_t columns_ = 0;
  std::vector<uint32_t> chosen_;  // of each output of each row an input
};

}  // namespace

std::unique_ptr<LayerTape> MakeAveragePoolTape(const Layer& layer) {
  return std::make_unique<AveragePoolTape>(layer);
}

std::unique_ptr<LayerTape> MakeMaxPoolTape(const Layer& layer) {
  return std::make_unique<MaxPoolTape>(layer);
}

}  // namespace dne::nn
