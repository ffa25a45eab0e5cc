// SPDX-License-Identifier: MIT
#include "dne/nn/reference.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/isa.h"
#include "dne/nn/activation.h"
#include "dne/nn/cell.h"
#include "dne/nn/half.h"
#include "dne/nn/low_rank.h"
#include "dne/nn/normalisation.h"
#include "dne/nn/run_check.h"

namespace dne {
namespace {

using nn::LayerChange;
using nn::MapChange;

// The bodies are inlined into callers with and without the fused multiply-add instruction: the
// same bits, but not the library call a multiplication.
#define DNE_INLINE [[gnu::always_inline]] inline

// Reads zero outside the image.
DNE_INLINE float PaddedInput(const Layer& layer, const float* input, int y, int x, int c) {
  const Shape& in = layer.input;
  const int row = y - layer.pad_top;
  const int column = x - layer.pad_left;
  if (row < 0 || row >= in.height || column < 0 || column >= in.width) return 0.0f;
  const ptrdiff_t position = ptrdiff_t{row} * in.width + column;
  return input[position * in.channels + c];
}

DNE_INLINE const float* BiasesOf(const AffineMap& map, const float* parameters,
                                 const MapChange& change) {
  return change.rank > 0 ? change.biases : parameters + map.biases;
}

// Column k's part of a change, whose factor A has come to `projection`.
DNE_INLINE void AddColumn(const MapChange& change, size_t k, float projection, float* out) {
  const float h = change.scale * projection;
  const float* column = change.right + k * change.outputs;
  for (size_t o = 0; o < change.outputs; ++o) out[o] = std::fma(h, column[o], out[o]);
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

DNE_INLINE void ChangePosition(const Layer& layer, const MapChange& change, const float* input,
                               int y, int x, float* out) {
  const LayerSpec& spec = layer.spec;
  const size_t run = change.inputs / static_cast<size_t>(spec.kernel);  // of a row of taps
  std::vector<float> taps;
  for (size_t k = 0; k < change.rank; ++k) {
    nn::ProjectionSum sum;
    for (int ky = 0; ky < spec.kernel; ++ky) {
      taps.clear();
      for (int kx = 0; kx < spec.kernel; ++kx) {
        for (int c = 0; c < layer.input.channels; ++c) {
          taps.push_back(PaddedInput(layer, input, y * spec.stride + ky, x * spec.stride + kx, c));
        }
      }
      const size_t first = k * change.inputs + static_cast<size_t>(ky) * run;
      sum.AddRow(taps.data(), change.left + first, run);
    }
    AddColumn(change, k, sum.Total(), out);
  }
}

DNE_INLINE void Convolve(const Layer& layer, const float* parameters, const MapChange& change,
                         const float* input, float* out) {
  const float* weights = parameters + layer.map.weights;
  const float* biases = BiasesOf(layer.map, parameters, change);
  for (int y = 0; y < layer.output.height; ++y) {
    for (int x = 0; x < layer.output.width; ++x) {
      ConvolvePosition(layer, weights, biases, input, y, x, out);
      ChangePosition(layer, change, input, y, x, out);
      out += layer.spec.units;
    }
  }
}

DNE_INLINE void Multiply(const AffineMap& map, const Shape& shape, const float* parameters,
                         const MapChange& change, const float* input, float* partial, float* out) {
  const float* inputs = input;
  const float* weights = parameters + map.weights;
  std::copy_n(BiasesOf(map, parameters, change), map.outputs, out);
  for (size_t p = 0; p < shape.positions(); ++p) {
    std::fill_n(partial, map.outputs, 0.0f);
    for (int c = 0; c < shape.channels; ++c) {
      const float value = *input++;
      if (value != 0) {
        for (size_t o = 0; o < map.outputs; ++o) {
          partial[o] = std::fma(value, weights[o], partial[o]);
        }
      }
      weights += map.outputs;
    }
    for (size_t o = 0; o < map.outputs; ++o) out[o] += partial[o];
  }
  for (size_t k = 0; k < change.rank; ++k) {
    nn::ProjectionSum sum;
    sum.AddRow(inputs, change.left + k * change.inputs, change.inputs);
    AddColumn(change, k, sum.Total(), out);
  }
}

DNE_INLINE void Average(const Layer& layer, const float* input, float* out) {
  const int channels = layer.spec.units;
  const size_t positions = layer.input.positions();
  std::fill(out, out + channels, 0.0f);
  for (size_t p = 0; p < positions; ++p) {
    for (int c = 0; c < channels; ++c) out[c] += *input++;
  }
  for (int c = 0; c < channels; ++c) out[c] /= static_cast<float>(positions);
}

DNE_INLINE void TakeLargest(const Layer& layer, const float* input, float* out) {
  const auto channels = static_cast<size_t>(layer.spec.units);
  const auto kernel = static_cast<size_t>(layer.spec.kernel);
  const auto stride = static_cast<size_t>(layer.spec.stride);
  const auto width = static_cast<size_t>(layer.input.width);
  for (size_t y = 0; y < static_cast<size_t>(layer.output.height); ++y) {
    for (size_t x = 0; x < static_cast<size_t>(layer.output.width); ++x, out += channels) {
      const float* window = input + (y * width + x) * stride * channels;
      std::copy_n(window, channels, out);
      for (size_t i = 1; i < kernel * kernel; ++i) {
        const float* in = window + (i / kernel * width + i % kernel) * channels;
        for (size_t c = 0; c < channels; ++c) out[c] = in[c] > out[c] ? in[c] : out[c];
      }
    }
  }
}

// What a recurrent layer hands on from step to step.
struct LayerState {
  std::vector<float> output;
  std::vector<float> memory;
};

DNE_INLINE void Recur(const Layer& layer, const float* parameters, const LayerChange& change,
                      const float* input, LayerState& state, float* out) {
  std::vector<float> gates(layer.map.outputs);
  std::vector<float> state_sums(gates.size());
  std::vector<float> partial(gates.size());
  Multiply(layer.map, layer.input, parameters, change.map, input, partial.data(), gates.data());
  Multiply(layer.state_map, {.channels = layer.spec.units}, parameters, change.state_map,
           state.output.data(), partial.data(), state_sums.data());
  nn::StepCell({.type = layer.spec.type,
                .units = state.output.size(),
                .gates = gates.data(),
                .state_sums = state_sums.data(),
                .last_output = state.output.data(),
                .output = state.output.data(),
                .last_memory = state.memory.data(),
                .memory = state.memory.data()});
  std::ranges::copy(state.output, out);
}

// But for skips.
DNE_INLINE void EvaluateLayer(const Layer& layer, const float* parameters,
                              const LayerChange& change, LayerState& state,
                              const std::vector<float>& input, std::vector<float>& output) {
  output.resize(layer.output.size());
  if (layer.is_recurrent()) {
    return Recur(layer, parameters, change, input.data(), state, output.data());
  }
  if (layer.spec.type == LayerType::kAveragePool)
    return Average(layer, input.data(), output.data());
  if (layer.spec.type == LayerType::kMaxPool)
    return TakeLargest(layer, input.data(), output.data());
  if (layer.spec.type == LayerType::kConv2d) {
    Convolve(layer, parameters, change.map, input.data(), output.data());
  } else {
    std::vector<float> partial(output.size());
    Multiply(layer.map, layer.input, parameters, change.map, input.data(), partial.data(),
             output.data());
  }
  for (float& value : output) value = Activate(layer.spec.activation, value);
}

void EvaluatePlain(const Layer& layer, const float* parameters, const LayerChange& change,
                   LayerState& state, const std::vector<float>& input, std::vector<float>& output) {
  EvaluateLayer(layer, parameters, change, state, input, output);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void EvaluateFused(const Layer& layer, const float* parameters,
                                               const LayerChange& change, LayerState& state,
                                               const std::vector<float>& input,
                                               std::vector<float>& output) {
  EvaluateLayer(layer, parameters, change, state, input, output);
}
#else
constexpr auto EvaluateFused = EvaluatePlain;
#endif

using Evaluate = decltype(&EvaluatePlain);

Evaluate FastestEvaluate() { return IsaSupported(Isa::kAvx2) ? EvaluateFused : EvaluatePlain; }

template <class T>
std::vector<float> Scaled(std::span<const T> observation, float scale) {
  std::vector<float> input;
  for (T value : observation) input.push_back(static_cast<float>(value) * scale);
  return input;
}

void Apply(const Normalisation& normalisation, const Layer& layer, std::vector<float>& values) {
  const auto units = static_cast<size_t>(layer.spec.units);
  for (size_t i = 0; i < values.size(); ++i) {
    const float scale = normalisation.scale[i % units];
    const float shift = normalisation.shift[i % units];
    values[i] = Activate(layer.spec.activation, std::fma(values[i], scale, shift));
  }
}

// `batch`: the layer's inputs, and then its outputs.
void FoldLayer(const Layer& layer, std::vector<std::vector<float>>& batch,
               std::vector<float>& parameters) {
  const auto units = static_cast<size_t>(layer.spec.units);
  const std::span biases = std::span(parameters).subspan(layer.map.biases, units);
  const std::vector<float> added(biases.begin(), biases.end());
  std::ranges::fill(biases, 0.0f);
  Layer sums = layer;
  sums.spec.activation = Activation::kLinear;
  const Evaluate evaluate = FastestEvaluate();
  LayerState no_state;
  std::vector<float> output;
  std::vector<const float*> rows;
  for (std::vector<float>& values : batch) {
    evaluate(sums, parameters.data(), {}, no_state, values, output);
    std::swap(values, output);
    rows.push_back(values.data());
  }
  const Normalisation normalisation = NormaliseChannels(rows, layer.output.positions(), added);
  for (std::vector<float>& values : batch) Apply(normalisation, layer, values);
  float* weights = parameters.data() + layer.map.weights;
  FoldWeights(normalisation, units, weights, weights, layer.map.inputs, units);
  std::copy_n(normalisation.shift.begin(), units, biases.begin());
}

class ReferenceForward final : public Forward {
 public:
  ReferenceForward(const Network& network, int num_lanes)
      : network_(network),
        num_lanes_(num_lanes),
        evaluate_(FastestEvaluate()),
        states_(static_cast<size_t>(num_lanes)),
        changes_(static_cast<size_t>(num_lanes)),
        values_(network.layers().size()) {
    for (int lane = 0; lane < num_lanes; ++lane) ForgetLane(lane);
  }

  void SetReferenceBatch(std::span<const uint8_t> observations) override {
    CheckReferenceBatch(network_, observations.size());
    reference_batch_ = observations;
  }

  void SetParameters(std::span<const float> parameters) override {
    CheckParameters(network_, !reference_batch_.empty(), parameters.size());
    parameters_ = parameters;
    if (network_.weights() == WeightType::kFloat16) parameters_ = own_ = RoundedToHalf(parameters);
    if (network_.virtual_batch_norm()) {
      parameters_ = own_ = FoldReferenceBatch(network_, parameters_, reference_batch_);
    }
    for (int lane = 0; lane < num_lanes_; ++lane) SetChange(lane, nullptr);
  }

  void SetChange(int lane, const LowRankChange* change) override {
    DNE_CHECK(lane >= 0 && lane < num_lanes_ && !parameters_.empty());
    changes_[static_cast<size_t>(lane)] =
        change ? nn::ChangesOf(network_, *change) : std::vector<LayerChange>(values_.size());
    ForgetLane(lane);
  }

  void ForgetLane(int lane) override {
    DNE_CHECK(lane >= 0 && lane < num_lanes_);
    std::vector<LayerState>& states = states_[static_cast<size_t>(lane)];
    states.clear();
    for (const Layer& layer : network_.layers()) {
      const size_t units = layer.state_map.inputs;  // of layers without a state none
      states.push_back({std::vector<float>(units), std::vector<float>(units)});
    }
  }

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
  void RunAll(std::span<const int> lanes, std::span<const T> observations, std::span<float> outputs,
              float scale) {
    const size_t inputs = network_.input().size();
    const auto num_outputs = static_cast<size_t>(network_.num_outputs());
    CheckRun(network_, !parameters_.empty(), num_lanes_, lanes, observations.size(),
             outputs.size());
    for (size_t i = 0; i < lanes.size(); ++i) {
      RunLane(lanes[i], Scaled(observations.subspan(i * inputs, inputs), scale));
      std::ranges::copy(values_.back(), outputs.begin() + static_cast<ptrdiff_t>(i * num_outputs));
    }
  }

  // Leaves each layer's output in values_.
  void RunLane(int number, const std::vector<float>& input) {
    const auto lane = static_cast<size_t>(number);
    for (size_t i = 0; i < values_.size(); ++i) {
      const Layer& layer = network_.layers()[i];
      evaluate_(layer, parameters_.data(), changes_[lane][i], states_[lane][i],
                i == 0 ? input : values_[i - 1], values_[i]);
      if (!layer.skip_from) continue;
      for (size_t j = 0; j < values_[i].size(); ++j) values_[i][j] += values_[*layer.skip_from][j];
    }
  }

  const Network& network_;
  int num_lanes_;
  Evaluate evaluate_;
  std::vector<std::vector<LayerState>> states_;    // of each lane one a layer
  std::vector<std::vector<LayerChange>> changes_;  // likewise; of plain lanes of rank 0
  std::span<const uint8_t> reference_batch_;
  std::span<const float> parameters_;       // the caller's, or own_
  std::vector<float> own_;                  // rounded, or folded
  std::vector<std::vector<float>> values_;  // the output of each layer
};

}  // namespace

std::vector<float> FoldReferenceBatch(const Network& network, std::span<const float> parameters,
                                      std::span<const uint8_t> observations) {
  CheckReferenceBatch(network, observations.size());
  CheckParameters(network, /*has_reference_batch=*/true, parameters.size());
  std::vector<std::vector<float>> batch;
  for (size_t i = 0; i < observations.size(); i += network.input().size()) {
    batch.push_back(Scaled(observations.subspan(i, network.input().size()), kByteScale));
  }
  std::vector<float> folded(parameters.begin(), parameters.end());
  for (const Layer& layer : network.layers()) {
    if (layer.normalised) FoldLayer(layer, batch, folded);
  }
  return folded;
}

std::unique_ptr<Forward> MakeReferenceForward(const Network& network, int num_lanes) {
  return std::make_unique<ReferenceForward>(network, num_lanes);
}

}  // namespace dne
