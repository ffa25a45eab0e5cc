// SPDX-License-Identifier: MIT
// Networks over one flat parameter vector. Layer by layer its affine maps: weights
// [kh][kw][in][out] of a convolution, else [in][out], then biases [out]; images are channels last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/base/isa.h"
#include "dne/random/stream.h"

namespace dne {

enum class LayerType {
  kConv2d,
  kDense,
  kAveragePool,  // of each channel over all positions of an image
  kMaxPool,      // of each channel over square windows that lie within an image
  kRnn,          // recurrent layers: PyTorch's cells, gates in its order, and both its biases
  kGru,          // gates reset, update, new
  kLstm          // gates input, forget, cell, output
};
enum class Padding { kSame, kValid };  // as TensorFlow defines them
enum class Activation { kLinear, kRelu, kTanh, kSelu, kSigmoid };
// Of each affine map on its own, in a recurrent layer of each gate's part of it.
enum class Initialisation {
  kFanIn,              // w ~ N(0, 1/fan_in) (1712.06567 v3, 7.2)
  kNormalisedColumns,  // each unit's incoming weights scaled to norm 1 (v1 and Humanoid, 7.5)
  kXavier,             // w ~ N(0, 2/(fan_in + fan_out)) (1712.06563); of a convolution, fan_out
                       // counts the weights that read an input channel
  kPytorch             // w ~ N(0, 1/(3 fan_in)), of a recurrent layer 1/(3 units): the variance of
                       // PyTorch's own, which are uniform
};

// The numbers that a network is evaluated with.
enum class WeightType {
  kFloat32,  // the policy's own
  kFloat16   // these, biases too, each rounded to 16 bits (dne/nn/half.h)
};

class Fields;

struct LayerSpec {
  LayerType type = LayerType::kDense;
  int units = 0;   // filters of a convolution, outputs of a dense or recurrent layer; pooling: none
  int kernel = 0;  // convolution and max pooling only: square
  int stride = 0;  // likewise
  Padding padding = Padding::kSame;           // convolution only
  Activation activation = Activation::kRelu;  // convolution and dense only
  int repeat = 1;                             // so many such layers, one after the other

  void Visit(Fields& fields);  // dne/nn/network_options.cc
  bool operator==(const LayerSpec&) const = default;
};

// Hidden layers; the dense output layer follows from the task.
struct NetworkSpec {
  std::vector<LayerSpec> hidden;
  Activation output_activation = Activation::kLinear;
  // Residual skips (1712.06563, 6.1.2), 0: none. Every `skip_every` hidden layers the output of the
  // layer so many before is added: to those of hidden layers skip_every + 1, 2 * skip_every + 1
  // and so on, counted from 1, after the activation. All hidden layers are dense then.
  int skip_every = 0;
  Initialisation initialisation = Initialisation::kFanIn;
  bool random_biases = false;  // founders' biases ~ N(0, 1/(3 fan_in)), as kPytorch; else 0
  float output_scale = 0.1f;   // factor on the output layer's initial weights
  // Hidden layers are normalised over a reference batch before their biases are added (1703.03864,
  // section 2.2; without a factor, as the GPU code of 1712.06567): the parameters stay the same.
  bool virtual_batch_norm = false;
  WeightType weights = WeightType::kFloat32;

  bool operator==(const NetworkSpec&) const = default;
};

// Throws Error naming the known ones.
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
inline constexpr int kMaxRepeat = 1000;  // skips too
inline constexpr size_t kMaxParameters = size_t{1} << 26;
inline constexpr size_t kMaxLayerInput = kMaxParameters;

// A matrix of weights [inputs][outputs] among the parameters and, behind it, a bias an output.
struct AffineMap {
  size_t inputs = 0;
  size_t outputs = 0;
  size_t weights = 0;    // offset of the first weight
  size_t biases = 0;     // offset of the first bias
  float init_scale = 1;  // of weights: factor on noise, or the norm of a column
  float bias_scale = 0;  // factor on the biases' noise

  size_t num_weights() const { return inputs * outputs; }
  size_t end() const { return biases + outputs; }
};

// A layer with its place in the parameter vector.
struct Layer {
  LayerSpec spec;
  Shape input;
  Shape padded;  // the input with the zeros around it that a convolution reads
  Shape output;
  int pad_top = 0;  // rows and columns of zeros before the input; the rest after
  int pad_left = 0;
  // From the input (of a convolution from what one position reads) to the units or, of a recurrent
  // layer, to its gates one after the other, each as many as there are units. Pooling has none.
  AffineMap map;
  AffineMap state_map;              // recurrent only: from the state to the gates
  bool normalised = false;          // by virtual batch normalisation
  std::optional<size_t> skip_from;  // the layer whose output is added to this one's

  bool is_recurrent() const { return spec.type >= LayerType::kRnn; }
  // Whether it moves a window over an image: a convolution or max pooling.
  bool has_window() const;
  // None, one or two: all that is evolved, in order.
  std::vector<AffineMap> maps() const;
};

// Immutable and shared by all workers.
class Network {
 public:
  // `input`: an image (bytes, scaled by 1/255) or a flat vector (height = width = 1).
  // Throws Error, naming the layer, where a layer does not fit its input or exceeds kMaxParameters
  // or kMaxLayerInput, where skips do not fit, and for virtual batch normalisation of vectors or of
  // other layers than convolutions and dense ones without skips.
  Network(const NetworkSpec& spec, Shape input, int num_outputs);

  const std::vector<Layer>& layers() const { return layers_; }
  Shape input() const { return input_; }
  int num_outputs() const { return layers_.back().output.channels; }
  size_t num_parameters() const { return num_parameters_; }
  bool virtual_batch_norm() const { return virtual_batch_norm_; }
  // Of what a Forward makes of it (dne/nn/forward.h); all else takes the parameters as they are.
  WeightType weights() const { return weights_; }
  // Whether it has recurrent layers: an output depends on all observations since the episode began.
  bool has_state() const;

  // Founder parameters: noise of the stream scaled per layer, biases 0. Pure.
  void Initialise(const StreamId& id, std::span<float> parameters, Isa isa) const;

 private:
  Shape input_;
  Initialisation initialisation_;
  bool virtual_batch_norm_;
  WeightType weights_;
  std::vector<Layer> layers_;
  size_t num_parameters_ = 0;
};

}  // namespace dne
