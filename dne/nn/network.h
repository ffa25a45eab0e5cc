// SPDX-License-Identifier: MIT
// Networks over one flat parameter vector. Layer by layer: weights [kh][kw][in][out] (dense:
// [in][out]), then biases [out]; images are channels last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/base/isa.h"
#include "dne/random/stream.h"

namespace dne {

enum class LayerType { kConv2d, kDense };
enum class Padding { kSame, kValid };  // as TensorFlow defines them
enum class Activation { kLinear, kRelu, kTanh };
enum class Initialisation {
  kFanIn,             // w ~ N(0, 1/fan_in) (1712.06567 v3, 7.2)
  kNormalisedColumns  // each unit's incoming weights scaled to norm 1 (v1 and Humanoid, 7.5)
};

class Fields;

struct LayerSpec {
  LayerType type = LayerType::kDense;
  int units = 0;   // filters of a convolution, outputs of a dense layer
  int kernel = 0;  // convolution only: square
  int stride = 0;  // convolution only
  Padding padding = Padding::kSame;
  Activation activation = Activation::kRelu;

  void Visit(Fields& fields);  // dne/nn/network_options.cc
  bool operator==(const LayerSpec&) const = default;
};

// Hidden layers only: the linear output layer follows from the task.
struct NetworkSpec {
  std::vector<LayerSpec> hidden;
  Initialisation initialisation = Initialisation::kFanIn;
  float output_scale = 0.1f;  // factor on the output layer's initial weights
  // Hidden layers are normalised over a reference batch before their biases are added (1703.03864,
  // section 2.2; without a factor, as the GPU code of 1712.06567): the parameters stay the same.
  bool virtual_batch_norm = false;

  bool operator==(const NetworkSpec&) const = default;
};

// "uber_large", "uber_small", "nature_dqn", "mlp". Throws Error naming the known ones.
NetworkSpec NetworkPreset(std::string_view name);
std::vector<std::string> NetworkPresetNames();

struct Shape {
  int height = 1;
  int width = 1;
  int channels = 0;

  size_t positions() const { return static_cast<size_t>(height) * static_cast<size_t>(width); }
  size_t size() const { return positions() * static_cast<size_t>(channels); }
  bool operator==(const Shape&) const = default;
};

// The largest network: 16 times the papers' largest, 256 MiB as floats. No network has more
// parameters, and no layer an input of more values, padding included: the kernels' offsets within a
// layer have 32 bits, and rows of few weights are padded to 16.
inline constexpr int kMaxUnits = 65'536;
inline constexpr int kMaxKernel = 1024;  // strides too
inline constexpr size_t kMaxParameters = size_t{1} << 26;
inline constexpr size_t kMaxLayerInput = kMaxParameters;

// A layer with its place in the parameter vector.
struct Layer {
  LayerSpec spec;
  Shape input;
  Shape padded;  // the input with the zeros around it that a convolution reads
  Shape output;
  int pad_top = 0;  // rows and columns of zeros before the input; the rest after
  int pad_left = 0;
  size_t weights = 0;  // offset of the first weight
  size_t biases = 0;   // offset of the first bias
  size_t fan_in = 0;
  float init_scale = 1;
  bool normalised = false;  // by virtual batch normalisation
};

// Immutable and shared by all workers.
class Network {
 public:
  // `input`: an image (bytes, scaled by 1/255) or a flat vector (height = width = 1).
  // Throws Error, naming the layer, where a layer does not fit its input or exceeds kMaxParameters
  // or kMaxLayerInput, and for virtual batch normalisation of vectors.
  Network(const NetworkSpec& spec, Shape input, int num_outputs);

  const std::vector<Layer>& layers() const { return layers_; }
  Shape input() const { return input_; }
  int num_outputs() const { return layers_.back().output.channels; }
  size_t num_parameters() const { return num_parameters_; }
  bool virtual_batch_norm() const { return virtual_batch_norm_; }

  // Founder parameters: noise of the stream scaled per layer, biases 0. Pure.
  void Initialise(const StreamId& id, std::span<float> parameters, Isa isa) const;

 private:
  Shape input_;
  Initialisation initialisation_;
  bool virtual_batch_norm_;
  std::vector<Layer> layers_;
  size_t num_parameters_ = 0;
};

}  // namespace dne
