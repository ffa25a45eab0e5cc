// SPDX-License-Identifier: MIT
// Presets (most of 1712.06567 v3, 7.1, 7.5 and the released code), shapes and founders of networks.
#include "dne/nn/network.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

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

// 1712.06563, 5.2.
NetworkSpec ParityRnn() {
  const LayerSpec rnn{.type = LayerType::kRnn, .units = 20};
  return {.hidden = {rnn, rnn},
          .output_activation = Activation::kSigmoid,
          .initialisation = Initialisation::kXavier,
          .output_scale = 1};
}

LayerSpec MaxPool(int kernel) {
  return {.type = LayerType::kMaxPool, .kernel = kernel, .stride = kernel};
}

// 1712.06564, 4.1.
NetworkSpec MnistCnn() {
  return {.hidden = {Conv(32, 5, 1, Padding::kSame), MaxPool(2), Conv(64, 5, 1, Padding::kSame),
                     MaxPool(2), Dense(1024, Activation::kRelu)},
          .output_scale = 1};
}

// 1712.06564, 4.3: the one that reached 99 %.
NetworkSpec MnistSmall() {
  return {.hidden = {Conv(16, 5, 1, Padding::kSame), MaxPool(2), Conv(32, 5, 1, Padding::kSame),
                     MaxPool(2)},
          .output_scale = 1};
}

struct Preset {
  std::string_view name;
  NetworkSpec (*make)();
};
constexpr Preset kPresets[] = {
    {"uber_large", UberLarge}, {"uber_small", UberSmall}, {"nature_dqn", NatureDqn},  {"mlp", Mlp},
    {"parity_rnn", ParityRnn}, {"mnist_cnn", MnistCnn},   {"mnist_small", MnistSmall}};

std::string LayerName(size_t number) { return "layer " + std::to_string(number); }

void RequireWithin(size_t number, const char* what, int value, int limit) {
  if (value >= 1 && value <= limit) return;
  throw Error(LayerName(number) + " has " + what + " " + std::to_string(value) +
              ": it must be from 1 to " + std::to_string(limit));
}

bool IsConvolution(const LayerSpec& spec) { return spec.type == LayerType::kConv2d; }

// Where the windows of a convolution or of max pooling lie along one axis.
struct Axis {
  int out = 0;
  int before = 0;  // zeros in front of the input
  int padded = 0;  // the input with all its zeros
};

Axis WithoutPadding(size_t number, const LayerSpec& spec, int in) {
  if (spec.kernel > in) {
    const bool convolves = IsConvolution(spec);
    throw Error(LayerName(number) + " has kernel " + std::to_string(spec.kernel) +
                (convolves ? " with VALID padding" : "") + ", but its input is only " +
                std::to_string(in) + " wide or high: use a kernel of " + std::to_string(in) +
                " or less" + (convolves ? ", or SAME padding" : ""));
  }
  return {.out = (in - spec.kernel) / spec.stride + 1, .before = 0, .padded = in};
}

Axis PlaceWindows(size_t number, const LayerSpec& spec, int in) {
  if (!IsConvolution(spec) || spec.padding == Padding::kValid) {
    return WithoutPadding(number, spec, in);
  }
  const int out = (in - 1) / spec.stride + 1;
  const int read = (out - 1) * spec.stride + spec.kernel;
  return {.out = out, .before = std::max(read - in, 0) / 2, .padded = std::max(read, in)};
}

int NumGates(LayerType type) {
  switch (type) {
    case LayerType::kLstm:
      return 4;
    case LayerType::kGru:
      return 3;
    default:
      return 1;
  }
}

const char* TypeName(LayerType type) {
  constexpr const char* kNames[] = {"a convolution",    "a dense layer",     "average pooling",
                                    "max pooling",      "a recurrent layer", "a recurrent layer",
                                    "a recurrent layer"};
  return kNames[static_cast<size_t>(type)];
}

// `previous`: null for the first layer.
void RequireImage(size_t number, const LayerSpec& spec, const Layer* previous, Shape input) {
  if (previous != nullptr && !previous->has_window()) {
    throw Error(LayerName(number) + " is " + TypeName(spec.type) + " after " +
                TypeName(previous->spec.type) +
                ": put convolutions and max pooling first, and average pooling right behind them");
  }
  if (previous == nullptr && input.positions() == 1) {
    throw Error(LayerName(number) + " is " + TypeName(spec.type) +
                ", but its input is a vector of " + std::to_string(input.channels) +
                " numbers: it needs an image");
  }
}

void PlaceWindow(size_t number, Layer& layer) {
  const LayerSpec& spec = layer.spec;
  const Shape& input = layer.input;
  RequireWithin(number, "kernel", spec.kernel, kMaxKernel);
  RequireWithin(number, "stride", spec.stride, kMaxKernel);
  const Axis rows = PlaceWindows(number, spec, input.height);
  const Axis columns = PlaceWindows(number, spec, input.width);
  layer.padded = {rows.padded, columns.padded, input.channels};
  layer.output = {rows.out, columns.out, spec.units};
  layer.pad_top = rows.before;
  layer.pad_left = columns.before;
}

Layer Place(size_t number, LayerSpec spec, const Layer* previous, Shape input) {
  const bool pools = spec.type == LayerType::kAveragePool || spec.type == LayerType::kMaxPool;
  if (pools) spec.units = input.channels;
  RequireWithin(number, "units", spec.units, kMaxUnits);
  if (IsConvolution(spec) || pools) RequireImage(number, spec, previous, input);
  Layer layer{.spec = spec, .input = input, .padded = input, .output = {.channels = spec.units}};
  if (layer.has_window()) PlaceWindow(number, layer);
  if (pools) return layer;
  const Shape patch{spec.kernel, spec.kernel, input.channels};
  layer.map.inputs = IsConvolution(spec) ? patch.size() : input.size();
  layer.map.outputs = static_cast<size_t>(spec.units * NumGates(spec.type));
  if (layer.is_recurrent()) {
    layer.state_map.inputs = static_cast<size_t>(spec.units);
    layer.state_map.outputs = layer.map.outputs;
  }
  return layer;
}

std::string ShapeText(Shape shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
         std::to_string(shape.channels);
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

// Hidden layers one by one, and the output layer.
std::vector<LayerSpec> AllLayers(const NetworkSpec& spec, int num_outputs) {
  std::vector<LayerSpec> layers;
  for (LayerSpec layer : spec.hidden) {
    RequireWithin(layers.size() + 1, "repeat", layer.repeat, kMaxRepeat);
    const auto repeat = static_cast<size_t>(std::exchange(layer.repeat, 1));
    layers.insert(layers.end(), repeat, layer);
  }
  layers.push_back(Dense(num_outputs, spec.output_activation));
  return layers;
}

// The standard deviation of PyTorch's defaults, uniform from -b to b with b = 1/sqrt(fan_in); its
// recurrent cells take their units for it.
float PytorchScale(const Layer& layer, const AffineMap& map) {
  const auto units = static_cast<size_t>(layer.spec.units);
  return 1 / std::sqrt(3 * static_cast<float>(layer.is_recurrent() ? units : map.inputs));
}

float InitScale(Initialisation initialisation, const Layer& layer, const AffineMap& map) {
  if (initialisation == Initialisation::kNormalisedColumns || map.outputs == 0) return 1;
  if (initialisation == Initialisation::kPytorch) return PytorchScale(layer, map);
  const auto fan_in = static_cast<float>(map.inputs);
  if (initialisation == Initialisation::kFanIn) return 1 / std::sqrt(fan_in);
  const int kernel = IsConvolution(layer.spec) ? layer.spec.kernel : 1;
  const size_t fan_out = Shape{kernel, kernel, layer.spec.units}.size();
  return std::sqrt(2 / (fan_in + static_cast<float>(fan_out)));
}

// Layer i, counted from 1 as users do, is layers[i - 1].
void AddSkips(size_t every, std::vector<Layer>& layers) {
  const std::string skips = "skip_every " + std::to_string(every);
  const size_t num_hidden = layers.size() - 1;
  if (num_hidden <= every) {
    throw Error(skips + " skips nothing, since there are " + std::to_string(num_hidden) +
                " hidden layers: use more of them, or leave it out");
  }
  for (size_t i = 1; i <= num_hidden; ++i) {
    Layer& layer = layers[i - 1];
    if (layer.spec.type != LayerType::kDense) {
      throw Error(skips + " needs dense hidden layers, but " + LayerName(i) + " is " +
                  TypeName(layer.spec.type) + ": leave it out");
    }
    if (i <= every || (i - 1) % every != 0) continue;
    const Layer& from = layers[i - 1 - every];
    if (from.spec.units != layer.spec.units) {
      throw Error(skips + " adds the output of " + LayerName(i - every) + ", " +
                  std::to_string(from.spec.units) + " units, to that of " + LayerName(i) +
                  ", which has " + std::to_string(layer.spec.units) + ": give both the same");
    }
    layer.skip_from = i - 1 - every;
  }
}

void RequireNormalisable(const std::vector<Layer>& layers) {
  for (size_t i = 0; i < layers.size(); ++i) {
    const bool fits = IsConvolution(layers[i].spec) || layers[i].spec.type == LayerType::kDense;
    if (!fits) {
      throw Error("virtual_batch_norm is for convolutions and dense layers, but " +
                  LayerName(i + 1) + " is " + TypeName(layers[i].spec.type) + ": leave it out");
    }
    if (layers[i].skip_from) {
      throw Error("virtual_batch_norm and skip_every do not go together: leave one out");
    }
  }
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
      virtual_batch_norm_(spec.virtual_batch_norm),
      weights_(spec.weights) {
  DNE_CHECK(input.height > 0 && input.width > 0 && input.channels > 0);
  if (virtual_batch_norm_ && input.positions() == 1) {
    throw Error("virtual_batch_norm needs images, but the task's observations are vectors of " +
                std::to_string(input.channels) + " numbers: leave it out");
  }
  const std::vector<LayerSpec> specs = AllLayers(spec, num_outputs);
  for (size_t i = 0; i < specs.size(); ++i) {
    const Layer* previous = layers_.empty() ? nullptr : &layers_.back();
    Layer layer = Place(i + 1, specs[i], previous, previous ? previous->output : input);
    const bool is_output = i + 1 == specs.size();
    for (AffineMap* map : {&layer.map, &layer.state_map}) {
      map->weights = num_parameters_;
      map->biases = map->weights + map->num_weights();
      num_parameters_ = map->end();
      map->init_scale = InitScale(initialisation_, layer, *map);
      if (is_output) map->init_scale *= spec.output_scale;
      if (spec.random_biases && map->outputs > 0) map->bias_scale = PytorchScale(layer, *map);
    }
    RequireRoom(i + 1, layer, num_parameters_);
    layer.normalised = virtual_batch_norm_ && !is_output;
    layers_.push_back(layer);
  }
  if (spec.skip_every > 0) AddSkips(static_cast<size_t>(spec.skip_every), layers_);
  if (virtual_batch_norm_) RequireNormalisable(layers_);
}

bool Layer::has_window() const { return IsConvolution(spec) || spec.type == LayerType::kMaxPool; }

std::vector<AffineMap> Layer::maps() const {
  std::vector<AffineMap> maps;
  if (map.outputs > 0) maps.push_back(map);
  if (state_map.outputs > 0) maps.push_back(state_map);
  return maps;
}

bool Network::has_state() const {
  return std::ranges::any_of(layers_, [](const Layer& layer) { return layer.is_recurrent(); });
}

void Network::Initialise(const StreamId& id, std::span<float> parameters, Isa isa) const {
  DNE_CHECK(parameters.size() == num_parameters_);
  FillNormal(id, 0, parameters, isa);
  for (const Layer& layer : layers_) {
    for (const AffineMap& map : layer.maps()) {
      const std::span<float> weights = parameters.subspan(map.weights, map.num_weights());
      if (initialisation_ == Initialisation::kNormalisedColumns) {
        ScaleColumns(weights, map.outputs, map.init_scale);
      } else {
        for (float& weight : weights) weight *= map.init_scale;
      }
      const std::span<float> biases = parameters.subspan(map.biases, map.outputs);
      for (float& bias : biases) bias = map.bias_scale == 0 ? 0 : bias * map.bias_scale;
    }
  }
}

}  // namespace dne
