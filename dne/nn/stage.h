// SPDX-License-Identifier: MIT
// Inside of the incremental forward pass: a layer with the memory of its input, and the search for
// what changed in it. Lanes and the reference batch of a normalised network share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/base/float_buffer.h"
#include "dne/nn/kernels.h"
#include "dne/nn/network.h"

namespace dne::nn {

inline size_t Size(int n) { return static_cast<size_t>(n); }

// All of them zero.
FloatBuffer ZeroFloats(size_t size);

// A layer and how its input lies in memory. A convolution's input carries its padding: zeros that
// never change. Flags, one a position, say what changed since the input before.
struct Stage {
  const Layer* layer;
  size_t pitch;  // positions of an input row
  size_t rows;
  size_t flag_pitch;
  size_t row_stride;  // floats of a row of weights

  bool convolves() const { return layer->spec.type == LayerType::kConv2d; }
  bool has_window() const { return layer->has_window(); }
  bool averages() const { return layer->spec.type == LayerType::kAveragePool; }
  bool is_recurrent() const { return layer->is_recurrent(); }
  size_t channels() const { return Size(layer->input.channels); }
  size_t units() const { return Size(layer->spec.units); }
  // Of a row of weights, without what pads it.
  size_t columns() const { return layer->map.outputs; }
  size_t positions() const { return rows * pitch; }
  // What an input takes. Kernels read and write a vector beyond the end.
  size_t num_floats() const;
  size_t num_flags() const { return rows * flag_pitch; }
  // Position (y, x) of the previous layer's output.
  size_t InputAt(size_t y, size_t x) const {
    return ((y + Size(layer->pad_top)) * pitch + x + Size(layer->pad_left)) * channels();
  }
  size_t FlagAt(size_t y, size_t x) const {
    return (y + Size(layer->pad_top)) * flag_pitch + x + Size(layer->pad_left);
  }
};

// One a layer, in order.
std::vector<Stage> PlaceStages(const Network& network);

// An input of a stage.
struct Plane {
  float* x;
  uint8_t* changed;
};

// A layer's parameters as the kernels want them: rows of weights with the stage's stride.
struct LayerWeights {
  const float* weights = nullptr;
  const uint16_t* halves = nullptr;  // in their place
  const float* biases = nullptr;
  bool skip_zeros = false;  // see Convolution
};

// True where leaving out taps that read zero leaves the layer's outputs as they are.
bool MaySkipZeros(const Layer& layer, std::span<const float> weights);

// Copies of a map's parameters, where the kernels cannot use these as they are: rows of weights
// with zeros at the end of each, and the biases as the last row; a dense layer's weights that are
// rounded as 16 bits each, and then the biases alone as floats.
struct OwnWeights {
  FloatBuffer floats;
  FloatBuffer halves;  // two a float
};

// What WeightsOf needs. `always`: also where all it would be is a copy.
OwnWeights MakeOwnWeights(const Stage& stage, const AffineMap& map, WeightType type, bool always);

// Of one of the layer's maps: rounded where that is the type, and copied where `own` is made.
LayerWeights WeightsOf(const Stage& stage, const AffineMap& map, std::span<const float> parameters,
                       WeightType type, const Kernels& kernels, OwnWeights& own);

struct Scratch {
  explicit Scratch(std::span<const Stage> stages);

  std::vector<uint64_t> window;  // flags of the rows under a row of outputs, merged
  std::vector<WindowPosition> positions;
  std::vector<DenseJob> jobs;
  TapList taps;
  RowList rows;
};

// Scales an observation into `in`, the input of the network's first stage, and flags what differs
// from `before`, which it brings up to date. `all`: writes everything, not only what differs.
void ObserveImage(const Kernels& kernels, const Stage& stage, const uint8_t* observation,
                  uint8_t* before, bool all, Plane in);

// Lists in scratch.positions the outputs of a convolution or of max pooling whose inputs changed,
// or all of them, row by row, and flags all of them as unchanged. `out` is an input of the stage
// `next`.
void FindPositions(const Stage& stage, Plane in, const Stage& next, Plane out, bool all,
                   Scratch& scratch);

MaxPooling MaxPoolingOf(const Stage& stage);
// The layer with its own activation, asking for nothing ahead.
Convolution ConvolutionOf(const Stage& stage, const LayerWeights& weights);
DenseLayer DenseLayerOf(const Stage& stage, const LayerWeights& weights);
// The two maps of a recurrent layer.
DenseLayer InputMapOf(const Stage& stage, const LayerWeights& weights);
DenseLayer StateMapOf(const Stage& stage, const LayerWeights& weights);

}  // namespace dne::nn
