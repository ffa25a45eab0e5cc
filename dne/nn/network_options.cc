// SPDX-License-Identifier: MIT
#include "dne/nn/network_options.h"

#include <array>

namespace dne {
namespace {

constexpr std::array<Choice<LayerType>, 7> kLayerTypes = {
    {{"conv2d", LayerType::kConv2d},
     {"dense", LayerType::kDense},
     {"average_pool", LayerType::kAveragePool},
     {"max_pool", LayerType::kMaxPool},
     {"rnn", LayerType::kRnn},
     {"gru", LayerType::kGru},
     {"lstm", LayerType::kLstm}}};
constexpr std::array<Choice<Padding>, 2> kPaddings = {
    {{"same", Padding::kSame}, {"valid", Padding::kValid}}};
constexpr std::array<Choice<Activation>, 5> kActivations = {{{"linear", Activation::kLinear},
                                                             {"relu", Activation::kRelu},
                                                             {"tanh", Activation::kTanh},
                                                             {"selu", Activation::kSelu},
                                                             {"sigmoid", Activation::kSigmoid}}};
constexpr std::array<Choice<WeightType>, 2> kWeightTypes = {
    {{"float32", WeightType::kFloat32}, {"float16", WeightType::kFloat16}}};
constexpr std::array<Choice<Initialisation>, 4> kInitialisations = {
    {{"fan_in", Initialisation::kFanIn},
     {"normalised_columns", Initialisation::kNormalisedColumns},
     {"xavier", Initialisation::kXavier},
     {"pytorch", Initialisation::kPytorch}}};

}  // namespace

void LayerSpec::Visit(Fields& fields) {
  constexpr std::string_view kNeedsIt = "conv2d and max_pool layers need it";
  const bool conv2d = type == LayerType::kConv2d;
  const bool has_window = conv2d || type == LayerType::kMaxPool;
  const bool pools = type == LayerType::kMaxPool || type == LayerType::kAveragePool;
  fields
      .Add("type", type, kLayerTypes,
           "conv2d and max_pool come before all others, average_pool (of an image, to one number "
           "a channel) right behind them; rnn, gru and lstm are PyTorch's, with a state over each "
           "episode")
      .Needed("each layer needs it");
  fields
      .Add("units", units, Range<int>{1, kMaxUnits},
           "filters of a conv2d, outputs of a dense or recurrent layer")
      .NeededIf(!pools, type, "each layer but pooling needs it");
  fields
      .Add("kernel", kernel, Range<int>{1, kMaxKernel},
           "conv2d: height and width of the filters; max_pool: of the windows, of which only those "
           "count that lie within the image")
      .NeededIf(has_window, type, kNeedsIt);
  fields.Add("stride", stride, Range<int>{1, kMaxKernel}, "conv2d and max_pool only")
      .NeededIf(has_window, type, kNeedsIt);
  fields.Add("padding", padding, kPaddings, "conv2d only; as TensorFlow defines them")
      .OnlyIf(conv2d, type);
  fields.Add("activation", activation, kActivations, "conv2d and dense: of each unit")
      .OnlyIf(conv2d || type == LayerType::kDense, type);
  fields
      .Add("repeat", repeat, Range<int>{1, kMaxRepeat}, "so many such layers, one after the other")
      .OnlyIf(!pools, type);
}

NetworkOptions NetworkOptions::Preset(std::string_view name) {
  return {.preset = std::string(name), .spec = NetworkPreset(name)};
}

void NetworkOptions::Visit(Fields& fields) {
  fields
      .Add("preset", preset, Names{"network preset", NetworkPresetNames, /*listed=*/true},
           "a named network, instead of `[[network.layers]]`")
      .First([this] { spec = NetworkPreset(preset); })
      .OnlyIf(!preset.empty(), spec.hidden, "the layers are given one by one");
  fields.Add(
      "initialisation", spec.initialisation, kInitialisations,
      "founders' weights: N(0, 1/fan-in), each unit's incoming weights scaled to norm 1, "
      "N(0, 2/(fan-in + fan-out)), of a recurrent layer for each gate, or N(0, 1/(3 fan-in)), of a "
      "recurrent layer 1/(3 units), the variance of PyTorch's own; left out: the preset's");
  fields.Add(
      "random_biases", spec.random_biases, YesNo{},
      "founders' biases are drawn as well, as `pytorch` draws weights; else they are 0; left "
      "out: the preset's");
  fields.Add("output_scale", spec.output_scale, Range<float>{0, 100},
             "factor on the output layer's initial weights; left out: the preset's");
  fields.Add("output_activation", spec.output_activation, kActivations,
             "of the output layer; left out: the preset's");
  fields.Add(
      "skip_every", spec.skip_every, Range<int>{0, kMaxRepeat},
      "residual skips: to the outputs of hidden layers n + 1, 2n + 1, ... those of the layer "
      "n before are added (1712.06563, 6.1.2); dense layers only; 0: none");
  fields.Add("virtual_batch_norm", spec.virtual_batch_norm, YesNo{},
             "images, convolutions and dense layers only: hidden layers are normalised by a "
             "reference batch of 128 observations "
             "from random play (1712.06560, 6.5)");
  fields.Add(
      "weights", spec.weights, kWeightTypes,
      "what plays in an environment: the policy's numbers, or these rounded to 16 bits each, "
      "which large networks read in half the time; genomes and their mutations stay as they "
      "are");
  fields.AddList("layers", spec.hidden, "One section a hidden layer, in order.")
      .First([this] { *this = NetworkOptions{}; })
      .OnlyIf(preset.empty(), preset);
}

}  // namespace dne
