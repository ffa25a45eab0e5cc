// SPDX-License-Identifier: MIT
#include "dne/nn/stage.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace dne::nn {
namespace {

constexpr size_t kWord = sizeof(uint64_t);  // flags are looked at eight at a time

// Rows of weights listed ahead of the multiplication: a whole pass of the largest preset.
constexpr size_t kListedRows = 8192;

Stage PlaceStage(const Layer& layer) {
  Stage stage{.layer = &layer,
              .pitch = Size(layer.padded.width),
              .rows = Size(layer.padded.height),
              .flag_pitch = Size(layer.input.width),
              .row_stride = RoundUp(layer.map.outputs, kPad)};
  if (stage.has_window()) stage.flag_pitch = RoundUp(stage.pitch + kWord, kWord);
  return stage;
}

// True if any of `count` flags is set; may read a word beyond them.
bool AnySet(const uint8_t* flags, size_t count) {
  for (size_t i = 0; i < count; i += kWord) {
    uint64_t word;
    std::memcpy(&word, flags + i, kWord);
    const size_t left = count - i;
    if (left < kWord) word &= (uint64_t{1} << (8 * left)) - 1;
    if (word != 0) return true;
  }
  return false;
}

// Merges the flags of the rows under row y of the outputs. Returns the merged row.
const uint8_t* MergeFlags(const Stage& stage, const uint8_t* changed, size_t y,
                          std::vector<uint64_t>& window) {
  const size_t words = stage.flag_pitch / kWord;
  std::fill_n(window.begin(), words, 0);
  const size_t first = y * Size(stage.layer->spec.stride);
  for (size_t ky = 0; ky < Size(stage.layer->spec.kernel); ++ky) {
    const uint8_t* flags = changed + (first + ky) * stage.flag_pitch;
    for (size_t i = 0; i < words; ++i) {
      uint64_t word;
      std::memcpy(&word, flags + i * kWord, kWord);
      window[i] |= word;
    }
  }
  return reinterpret_cast<const uint8_t*>(window.data());
}

}  // namespace

FloatBuffer ZeroFloats(size_t size) {
  FloatBuffer buffer(size);
  std::ranges::fill(buffer.values(), 0.0f);
  return buffer;
}

size_t Stage::num_floats() const {
  // A dense layer writes whole vectors.
  const size_t channel_floats = RoundUp(channels(), has_window() ? 1 : kPad);
  return RoundUp(positions() * channel_floats + kPad, kPad);
}

std::vector<Stage> PlaceStages(const Network& network) {
  std::vector<Stage> stages;
  for (const Layer& layer : network.layers()) stages.push_back(PlaceStage(layer));
  return stages;
}

bool MaySkipZeros(const Layer& layer, std::span<const float> weights) {
  return layer.spec.type == LayerType::kConv2d && layer.spec.activation == Activation::kRelu &&
         std::ranges::all_of(weights, [](float weight) { return std::isfinite(weight); });
}

OwnWeights MakeOwnWeights(const Stage& stage, const AffineMap& map, WeightType type, bool always) {
  const bool rounds = type == WeightType::kFloat16;
  const bool fits = map.outputs == stage.row_stride;
  if (map.outputs == 0 || (fits && !rounds && !always)) return {};
  const bool as_halves = rounds && fits && stage.layer->spec.type == LayerType::kDense && !always;
  if (!as_halves) return {.floats = ZeroFloats((map.inputs + 1) * stage.row_stride), .halves = {}};
  return {.floats = ZeroFloats(stage.row_stride),
          .halves = ZeroFloats(RoundUp(map.num_weights(), kPad) / 2)};
}

LayerWeights WeightsOf(const Stage& stage, const AffineMap& map, std::span<const float> parameters,
                       WeightType type, const Kernels& kernels, OwnWeights& own) {
  const auto weights = parameters.subspan(map.weights, map.num_weights());
  const auto biases = parameters.subspan(map.biases, map.outputs);
  LayerWeights result{.weights = weights.data(),
                      .biases = biases.data(),
                      .skip_zeros = MaySkipZeros(*stage.layer, weights)};
  const bool rounds = type == WeightType::kFloat16;
  if (map.outputs == 0 || (map.outputs == stage.row_stride && !rounds)) return result;
  float* floats = own.floats.values().data();
  const auto copy = [&](std::span<const float> row, float* to) {
    if (rounds) return kernels.round_floats(row, to);
    std::ranges::copy(row, to);
  };
  if (!own.halves.values().empty()) {
    auto* halves = reinterpret_cast<uint16_t*>(own.halves.values().data());
    kernels.round_to_halves(weights, halves);
    copy(biases, floats);
    result.halves = halves;
    result.biases = floats;
    return result;
  }
  for (size_t row = 0; row < map.inputs; ++row) {
    copy(weights.subspan(row * map.outputs, map.outputs), floats + row * stage.row_stride);
  }
  result.weights = floats;
  result.biases = floats + map.inputs * stage.row_stride;
  copy(biases, floats + map.inputs * stage.row_stride);
  return result;
}

Scratch::Scratch(std::span<const Stage> stages) {
  size_t most_positions = 0;
  size_t most_taps = 0;
  size_t most_flags = 0;
  size_t most_channels = kListedRows;
  for (const Stage& stage : stages) {
    if (stage.has_window()) {
      most_positions = std::max(most_positions, stage.layer->output.positions());
      most_taps = std::max(most_taps, stage.layer->map.inputs);
      most_flags = std::max(most_flags, stage.flag_pitch);
    } else if (!stage.averages()) {
      most_channels = std::max({most_channels, stage.channels(), stage.units()});
    }
  }
  positions.reserve(most_positions);
  taps.input.resize(most_taps + kPad);
  taps.weight.resize(most_taps + kPad);
  window.resize(most_flags / kWord + 1);
  rows.row.resize(most_channels + 2 * kPad);
  rows.value.resize(most_channels + 2 * kPad);
  rows.end.resize(most_channels + 2 * kPad);
}

void ObserveImage(const Kernels& kernels, const Stage& stage, const uint8_t* observation,
                  uint8_t* before, bool all, Plane in) {
  const Shape& shape = stage.layer->input;
  const size_t row_bytes = Size(shape.width) * Size(shape.channels);
  for (size_t y = 0; y < Size(shape.height); ++y) {
    kernels.scale_row({.now = observation + y * row_bytes,
                       .before = before + y * row_bytes,
                       .x = in.x + stage.InputAt(y, 0),
                       .changed = in.changed + stage.FlagAt(y, 0),
                       .positions = Size(shape.width),
                       .channels = Size(shape.channels),
                       .all = all});
  }
}

void FindPositions(const Stage& stage, Plane in, const Stage& next, Plane out, bool all,
                   Scratch& scratch) {
  const Layer& layer = *stage.layer;
  const size_t kernel = Size(layer.spec.kernel);
  const size_t stride = Size(layer.spec.stride);
  const size_t width = Size(layer.output.width);
  scratch.positions.clear();
  for (size_t y = 0; y < Size(layer.output.height); ++y) {
    const uint8_t* merged = MergeFlags(stage, in.changed, y, scratch.window);
    const float* input = in.x + y * stride * stage.pitch * stage.channels();
    float* output = out.x + next.InputAt(y, 0);
    uint8_t* changed = out.changed + next.FlagAt(y, 0);
    std::fill_n(changed, width, uint8_t{0});
    for (size_t x = 0; x < width; ++x) {
      if (!all && !AnySet(merged + x * stride, kernel)) continue;
      scratch.positions.push_back({.input = input + x * stride * stage.channels(),
                                   .output = output + x * stage.units(),
                                   .changed = changed + x});
    }
  }
}

MaxPooling MaxPoolingOf(const Stage& stage) {
  return {.kernel = Size(stage.layer->spec.kernel),
          .channels = stage.channels(),
          .input_pitch = stage.pitch * stage.channels()};
}

Convolution ConvolutionOf(const Stage& stage, const LayerWeights& weights) {
  const LayerSpec& spec = stage.layer->spec;
  return {.weights = weights.weights,
          .biases = weights.biases,
          .row_stride = stage.row_stride,
          .units = stage.units(),
          .kernel = Size(spec.kernel),
          .run = Size(spec.kernel) * stage.channels(),
          .input_pitch = stage.pitch * stage.channels(),
          .activation = spec.activation,
          .skip_zeros = weights.skip_zeros,
          .ahead = {}};
}

DenseLayer DenseLayerOf(const Stage& stage, const LayerWeights& weights) {
  return {.weights = weights.weights,
          .halves = weights.halves,
          .biases = weights.biases,
          .row_stride = stage.row_stride,
          .positions = stage.positions(),
          .channels = stage.channels(),
          .activation = stage.layer->spec.activation};
}

DenseLayer InputMapOf(const Stage& stage, const LayerWeights& weights) {
  DenseLayer map = DenseLayerOf(stage, weights);
  map.activation = Activation::kLinear;
  return map;
}

DenseLayer StateMapOf(const Stage& stage, const LayerWeights& weights) {
  DenseLayer map = InputMapOf(stage, weights);
  map.positions = 1;
  map.channels = stage.units();
  return map;
}

}  // namespace dne::nn
