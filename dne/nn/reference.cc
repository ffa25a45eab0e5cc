// SPDX-License-Identifier: MIT
#include "dne/nn/reference.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/isa.h"
#include "dne/nn/normalisation.h"
#include "dne/nn/run_check.h"
#include "dne/nn/tanh.h"

namespace dne {
namespace {

constexpr float kByteScale = 1 / 255.0f;

// The bodies are inlined into callers with and without the fused multiply-add instruction: the
// same bits, but not the library call a multiplication.
#define DNE_INLINE [[gnu::always_inline]] inline

DNE_INLINE float Activate(Activation activation, float x) {
  switch (activation) {
    case Activation::kRelu:
      return x > 0 ? x : 0.0f;
    case Activation::kTanh:
      return Tanh(x);
    case Activation::kLinear:
      return x;
  }
  return x;
}

// Reads zero outside the image.
DNE_INLINE float PaddedInput(const Layer& layer, const float* input, int y, int x, int c) {
  const Shape& in = layer.input;
  const int row = y - layer.pad_top;
  const int column = x - layer.pad_left;
  if (row < 0 || row >= in.height || column < 0 || column >= in.width) return 0.0f;
  const ptrdiff_t position = ptrdiff_t{row} * in.width + column;
  return input[position * in.channels + c];
}

DNE_INLINE void ConvolvePosition(const Layer& layer, const float* weights, const float* biases,
                                 const float* input, int y, int x, float* out) {
  const LayerSpec& spec = layer.spec;
  for (int o = 0; o < spec.units; ++o) out[o] = biases[o];
  for (int ky = 0; ky < spec.kernel; ++ky) {
    for (int kx = 0; kx < spec.kernel; ++kx) {
      for (int c = 0; c < layer.input.channels; ++c) {
        const float value =
            PaddedInput(layer, input, y * spec.stride + ky, x * spec.stride + kx, c);
        for (int o = 0; o < spec.units; ++o) out[o] = std::fma(value, weights[o], out[o]);
        weights += spec.units;
      }
    }
  }
}

DNE_INLINE void Convolve(const Layer& layer, const float* weights, const float* biases,
                         const float* input, float* out) {
  for (int y = 0; y < layer.output.height; ++y) {
    for (int x = 0; x < layer.output.width; ++x) {
      ConvolvePosition(layer, weights, biases, input, y, x, out);
      out += layer.spec.units;
    }
  }
}

DNE_INLINE void Multiply(const Layer& layer, const float* weights, const float* biases,
                         const float* input, float* partial, float* out) {
  const int units = layer.spec.units;
  std::copy(biases, biases + units, out);
  for (size_t p = 0; p < layer.input.positions(); ++p) {
    std::fill(partial, partial + units, 0.0f);
    for (int c = 0; c < layer.input.channels; ++c) {
      const float value = *input++;
      if (value != 0) {
        for (int o = 0; o < units; ++o) partial[o] = std::fma(value, weights[o], partial[o]);
      }
      weights += units;
    }
    for (int o = 0; o < units; ++o) out[o] += partial[o];
  }
}

DNE_INLINE void EvaluateLayer(const Layer& layer, const float* parameters,
                              const std::vector<float>& input, std::vector<float>& output) {
  const float* weights = parameters + layer.weights;
  const float* biases = parameters + layer.biases;
  output.resize(layer.output.size());
  if (layer.spec.type == LayerType::kConv2d) {
    Convolve(layer, weights, biases, input.data(), output.data());
  } else {
    std::vector<float> partial(output.size());
    Multiply(layer, weights, biases, input.data(), partial.data(), output.data());
  }
  for (float& value : output) value = Activate(layer.spec.activation, value);
}

void EvaluatePlain(const Layer& layer, const float* parameters, const std::vector<float>& input,
                   std::vector<float>& output) {
  EvaluateLayer(layer, parameters, input, output);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void EvaluateFused(const Layer& layer, const float* parameters,
                                               const std::vector<float>& input,
                                               std::vector<float>& output) {
  EvaluateLayer(layer, parameters, input, output);
}
#else
constexpr auto EvaluateFused = EvaluatePlain;
#endif

class ReferenceForward final : public Forward {
 public:
  ReferenceForward(const Network& network, int num_lanes)
      : network_(network),
        num_lanes_(num_lanes),
        evaluate_(IsaSupported(Isa::kAvx2) ? EvaluateFused : EvaluatePlain) {}

  void SetReferenceBatch(std::span<const uint8_t> observations) override {
    CheckReferenceBatch(network_, observations.size());
    reference_batch_ = observations;
  }

  void SetParameters(std::span<const float> parameters) override {
    CheckParameters(network_, !reference_batch_.empty(), parameters.size());
    parameters_ = parameters;
    if (network_.virtual_batch_norm()) Fold();
  }

  void ForgetLane(int lane) override { DNE_CHECK(lane >= 0 && lane < num_lanes_); }

  void Run(std::span<const int> lanes, std::span<const uint8_t> observations,
           std::span<float> outputs) override {
    DNE_CHECK(TakesBytes(network_));
    RunAll(lanes, observations, outputs, kByteScale);
  }

  void Run(std::span<const int> lanes, std::span<const float> observations,
           std::span<float> outputs) override {
    DNE_CHECK(!TakesBytes(network_));
    RunAll(lanes, observations, outputs, 1.0f);
  }

 private:
  template <class T>
  static std::vector<float> Scaled(std::span<const T> observation, float scale) {
    std::vector<float> input;
    for (T value : observation) input.push_back(static_cast<float>(value) * scale);
    return input;
  }

  // Puts what the layers are on the reference batch in the place of the parameters.
  void Fold() {
    folded_.assign(parameters_.begin(), parameters_.end());
    parameters_ = folded_;
    const size_t inputs = network_.input().size();
    std::vector<std::vector<float>> batch;
    for (size_t i = 0; i < reference_batch_.size(); i += inputs) {
      batch.push_back(Scaled(reference_batch_.subspan(i, inputs), kByteScale));
    }
    for (const Layer& layer : network_.layers()) {
      if (layer.normalised) FoldLayer(layer, batch);
    }
  }

  static void Apply(const Normalisation& normalisation, const Layer& layer,
                    std::vector<float>& values) {
    const auto units = static_cast<size_t>(layer.spec.units);
    for (size_t i = 0; i < values.size(); ++i) {
      const float scale = normalisation.scale[i % units];
      const float shift = normalisation.shift[i % units];
      values[i] = Activate(layer.spec.activation, std::fma(values[i], scale, shift));
    }
  }

  // `batch`: the layer's inputs, and then its outputs.
  void FoldLayer(const Layer& layer, std::vector<std::vector<float>>& batch) {
    const auto units = static_cast<size_t>(layer.spec.units);
    const std::span biases = std::span(folded_).subspan(layer.biases, units);
    const std::vector<float> added(biases.begin(), biases.end());
    std::ranges::fill(biases, 0.0f);
    Layer sums = layer;
    sums.spec.activation = Activation::kLinear;
    std::vector<const float*> rows;
    for (std::vector<float>& values : batch) {
      evaluate_(sums, folded_.data(), values, output_);
      std::swap(values, output_);
      rows.push_back(values.data());
    }
    const size_t positions = layer.output.positions();
    const Normalisation normalisation = NormaliseChannels(rows, positions, added);
    for (std::vector<float>& values : batch) Apply(normalisation, layer, values);
    float* weights = folded_.data() + layer.weights;
    FoldWeights(normalisation, units, weights, weights, layer.fan_in, units);
    std::copy_n(normalisation.shift.begin(), units, biases.begin());
  }

  template <class T>
  void RunAll(std::span<const int> lanes, std::span<const T> observations, std::span<float> outputs,
              float scale) {
    const size_t inputs = network_.input().size();
    const auto num_outputs = static_cast<size_t>(network_.num_outputs());
    CheckRun(network_, !parameters_.empty(), num_lanes_, lanes, observations.size(),
             outputs.size());
    for (size_t i = 0; i < lanes.size(); ++i) {
      input_ = Scaled(observations.subspan(i * inputs, inputs), scale);
      for (const Layer& layer : network_.layers()) {
        evaluate_(layer, parameters_.data(), input_, output_);
        std::swap(input_, output_);
      }
      std::ranges::copy(input_, outputs.begin() + static_cast<ptrdiff_t>(i * num_outputs));
    }
  }

  const Network& network_;
  int num_lanes_;
  void (*evaluate_)(const Layer&, const float*, const std::vector<float>&, std::vector<float>&);
  std::span<const uint8_t> reference_batch_;
  std::span<const float> parameters_;  // the caller's, or folded_
  std::vector<float> folded_;
  std::vector<float> input_;
  std::vector<float> output_;
};

}  // namespace

std::unique_ptr<Forward> MakeReferenceForward(const Network& network, int num_lanes) {
  return std::make_unique<ReferenceForward>(network, num_lanes);
}

}  // namespace dne
