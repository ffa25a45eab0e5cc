// SPDX-License-Identifier: MIT
#include "dne/nn/network_options.h"

#include <array>

namespace dne {
namespace {

constexpr std::array<Choice<LayerType>, 2> kLayerTypes = {
    {{"conv2d", LayerType::kConv2d}, {"dense", LayerType::kDense}}};
constexpr std::array<Choice<Padding>, 2> kPaddings = {
    {{"same", Padding::kSame}, {"valid", Padding::kValid}}};
constexpr std::array<Choice<Activation>, 3> kActivations = {
    {{"linear", Activation::kLinear}, {"relu", Activation::kRelu}, {"tanh", Activation::kTanh}}};
constexpr std::array<Choice<Initialisation>, 2> kInitialisations = {
    {{"fan_in", Initialisation::kFanIn},
     {"normalised_columns", Initialisation::kNormalisedColumns}}};

}  // namespace

void LayerSpec::Visit(Fields& fields) {
  constexpr std::string_view kEachNeedsIt = "each layer needs it";
  constexpr std::string_view kNeedsIt = "a conv2d layer needs it";
  const bool conv2d = type == LayerType::kConv2d;
  fields.Add("type", type, kLayerTypes, "convolutions come before dense layers")
      .Needed(kEachNeedsIt);
  fields
      .Add("units", units, Range<int>{1, kMaxUnits},
           "filters of a conv2d, outputs of a dense layer")
      .Needed(kEachNeedsIt);
  fields
      .Add("kernel", kernel, Range<int>{1, kMaxKernel},
           "conv2d only: height and width of the filters")
      .NeededIf(conv2d, type, kNeedsIt);
  fields.Add("stride", stride, Range<int>{1, kMaxKernel}, "conv2d only")
      .NeededIf(conv2d, type, kNeedsIt);
  fields.Add("padding", padding, kPaddings, "conv2d only; as TensorFlow defines them")
      .OnlyIf(conv2d, type);
  fields.Add("activation", activation, kActivations, "of each unit");
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
  fields.Add("initialisation", spec.initialisation, kInitialisations,
             "founders' weights: N(0, 1/fan-in), or each unit's incoming weights scaled to norm 1; "
             "left out: the preset's");
  fields.Add("output_scale", spec.output_scale, Range<float>{0, 100},
             "factor on the output layer's initial weights; left out: the preset's");
  fields.Add("virtual_batch_norm", spec.virtual_batch_norm, YesNo{},
             "images only: hidden layers are normalised by a reference batch of 128 observations "
             "from random play (1712.06560, 6.5)");
  fields.AddList("layers", spec.hidden, "One section a hidden layer, in order.")
      .First([this] { *this = NetworkOptions{}; })
      .OnlyIf(preset.empty(), preset);
}

}  // namespace dne
