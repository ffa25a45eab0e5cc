// SPDX-License-Identifier: MIT
// Presets (1712.06567 v3, 7.1, 7.5 and the released code), shapes and founders of networks.
#include "dne/nn/network.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "dne/base/error.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

LayerSpec Conv(int units, int kernel, int stride, Padding padding) {
  return {.type = LayerType::kConv2d,
          .units = units,
          .kernel = kernel,
          .stride = stride,
          .padding = padding,
          .activation = Activation::kRelu};
}

LayerSpec Dense(int units, Activation activation) {
  return {.type = LayerType::kDense, .units = units, .activation = activation};
}

NetworkSpec ThreeConvolutions(Padding padding) {
  return {.hidden = {Conv(32, 8, 4, padding), Conv(64, 4, 2, padding), Conv(64, 3, 1, padding),
                     Dense(512, Activation::kRelu)}};
}

NetworkSpec UberLarge() { return ThreeConvolutions(Padding::kSame); }
NetworkSpec NatureDqn() { return ThreeConvolutions(Padding::kValid); }

NetworkSpec UberSmall() {
  return {.hidden = {Conv(16, 8, 4, Padding::kSame), Conv(32, 4, 2, Padding::kSame),
                     Dense(256, Activation::kRelu)}};
}

NetworkSpec Mlp() {
  return {.hidden = {Dense(256, Activation::kTanh), Dense(256, Activation::kTanh)},
          .initialisation = Initialisation::kNormalisedColumns,
          .output_scale = 0.01f};
}

struct Preset {
  std::string_view name;
  NetworkSpec (*make)();
};
constexpr Preset kPresets[] = {
    {"uber_large", UberLarge}, {"uber_small", UberSmall}, {"nature_dqn", NatureDqn}, {"mlp", Mlp}};

std::string LayerName(size_t number) { return "layer " + std::to_string(number); }

void RequireWithin(size_t number, const char* what, int value, int limit) {
  if (value >= 1 && value <= limit) return;
  throw Error(LayerName(number) + " has " + what + " " + std::to_string(value) +
              ": it must be from 1 to " + std::to_string(limit));
}

// Where a convolution lies along one axis.
struct Axis {
  int out = 0;
  int before = 0;  // zeros in front of the input
  int padded = 0;  // the input with all its zeros
};

Axis Convolved(size_t number, const LayerSpec& spec, int in) {
  if (spec.padding == Padding::kValid) {
    if (spec.kernel > in) {
      throw Error(LayerName(number) + " has kernel " + std::to_string(spec.kernel) +
                  " with VALID padding, but its input is only " + std::to_string(in) +
                  " wide or high: use a kernel of " + std::to_string(in) +
                  " or less, or SAME padding");
    }
    return {.out = (in - spec.kernel) / spec.stride + 1, .before = 0, .padded = in};
  }
  const int out = (in - 1) / spec.stride + 1;
  const int read = (out - 1) * spec.stride + spec.kernel;
  return {.out = out, .before = std::max(read - in, 0) / 2, .padded = std::max(read, in)};
}

Layer PlaceConvolution(size_t number, const LayerSpec& spec, Shape input) {
  RequireWithin(number, "kernel", spec.kernel, kMaxKernel);
  RequireWithin(number, "stride", spec.stride, kMaxKernel);
  const Axis rows = Convolved(number, spec, input.height);
  const Axis columns = Convolved(number, spec, input.width);
  Layer layer;
  layer.spec = spec;
  layer.input = input;
  layer.padded = {rows.padded, columns.padded, input.channels};
  layer.output = {rows.out, columns.out, spec.units};
  layer.pad_top = rows.before;
  layer.pad_left = columns.before;
  layer.fan_in = Shape{spec.kernel, spec.kernel, input.channels}.size();
  return layer;
}

Layer PlaceDense(const LayerSpec& spec, Shape input) {
  Layer layer;
  layer.spec = spec;
  layer.input = input;
  layer.padded = input;
  layer.output.channels = spec.units;
  layer.fan_in = input.size();
  return layer;
}

Layer Place(size_t number, const LayerSpec& spec, const Layer* previous, Shape input) {
  RequireWithin(number, "units", spec.units, kMaxUnits);
  if (spec.type == LayerType::kDense) return PlaceDense(spec, input);
  if (previous != nullptr && previous->spec.type == LayerType::kDense) {
    throw Error(LayerName(number) + " is a convolution after a dense layer: put all convolutions " +
                "before the first dense layer");
  }
  return PlaceConvolution(number, spec, input);
}

std::string ShapeText(Shape shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
         std::to_string(shape.channels);
}

size_t NumWeights(const Layer& layer) {
  return layer.fan_in * static_cast<size_t>(layer.spec.units);
}

// The limits on units and kernels keep all of these sizes far below 64 bits.
void RequireRoom(size_t number, const Layer& layer, size_t num_parameters) {
  if (num_parameters > kMaxParameters) {
    throw Error(LayerName(number) + " brings the network to " + std::to_string(num_parameters) +
                " parameters, more than " + std::to_string(kMaxParameters) +
                ": use fewer units, or smaller kernels");
  }
  if (layer.padded.size() > kMaxLayerInput) {
    throw Error(LayerName(number) + " has an input of " + ShapeText(layer.padded) + " = " +
                std::to_string(layer.padded.size()) + " values with its padding, more than " +
                std::to_string(kMaxLayerInput) +
                ": use a smaller kernel, a longer stride before it, or fewer units before it");
  }
}

void ScaleColumns(std::span<float> weights, size_t units, float norm) {
  std::vector<float> squares(units, 0.0f);
  for (size_t i = 0; i < weights.size(); ++i) {
    squares[i % units] = std::fma(weights[i], weights[i], squares[i % units]);
  }
  std::vector<float> scale(units, 0.0f);  // a column of zeros stays zeros
  for (size_t j = 0; j < units; ++j) {
    if (squares[j] > 0) scale[j] = norm / std::sqrt(squares[j]);
  }
  for (size_t i = 0; i < weights.size(); ++i) weights[i] *= scale[i % units];
}

}  // namespace

NetworkSpec NetworkPreset(std::string_view name) {
  std::string known;
  for (const Preset& preset : kPresets) {
    if (name == preset.name) return preset.make();
    known += (known.empty() ? "" : ", ") + std::string(preset.name);
  }
  throw Error("unknown network '" + std::string(name) + "': use one of " + known);
}

std::vector<std::string> NetworkPresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets) names.emplace_back(preset.name);
  return names;
}

Network::Network(const NetworkSpec& spec, Shape input, int num_outputs)
    : input_(input),
      initialisation_(spec.initialisation),
      virtual_batch_norm_(spec.virtual_batch_norm) {
  DNE_CHECK(input.height > 0 && input.width > 0 && input.channels > 0);
  if (virtual_batch_norm_ && input.positions() == 1) {
    throw Error("virtual_batch_norm needs images, but the task's observations are vectors of " +
                std::to_string(input.channels) + " numbers: leave it out");
  }
  std::vector<LayerSpec> specs = spec.hidden;
  specs.push_back(Dense(num_outputs, Activation::kLinear));
  for (size_t i = 0; i < specs.size(); ++i) {
    const Layer* previous = layers_.empty() ? nullptr : &layers_.back();
    Layer layer = Place(i + 1, specs[i], previous, previous ? previous->output : input);
    layer.weights = num_parameters_;
    layer.biases = layer.weights + NumWeights(layer);
    num_parameters_ = layer.biases + static_cast<size_t>(layer.spec.units);
    RequireRoom(i + 1, layer, num_parameters_);
    const bool normalised = initialisation_ == Initialisation::kNormalisedColumns;
    layer.init_scale = normalised ? 1 : 1 / std::sqrt(static_cast<float>(layer.fan_in));
    if (i + 1 == specs.size()) {
      layer.init_scale *= spec.output_scale;
    } else {
      layer.normalised = virtual_batch_norm_;
    }
    layers_.push_back(layer);
  }
}

void Network::Initialise(const StreamId& id, std::span<float> parameters, Isa isa) const {
  DNE_CHECK(parameters.size() == num_parameters_);
  FillNormal(id, 0, parameters, isa);
  for (const Layer& layer : layers_) {
    const std::span<float> weights = parameters.subspan(layer.weights, NumWeights(layer));
    const auto units = static_cast<size_t>(layer.spec.units);
    if (initialisation_ == Initialisation::kNormalisedColumns) {
      ScaleColumns(weights, units, layer.init_scale);
    } else {
      for (float& weight : weights) weight *= layer.init_scale;
    }
    std::ranges::fill(parameters.subspan(layer.biases, units), 0.0f);
  }
}

}  // namespace dne
