// SPDX-License-Identifier: MIT
#include "dne/nn/batch_forward.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/nn/batch_kernels.h"
#include "dne/nn/forward.h"
#include "dne/nn/run_check.h"
#include "dne/nn/stage.h"

namespace dne {
namespace {

using nn::Size;

// Returns the number of observations.
size_t CheckBatch(const Network& network, bool has_parameters, size_t num_inputs,
                  size_t num_outputs) {
  const size_t count = num_inputs / network.input().size();
  DNE_CHECK(has_parameters);
  DNE_CHECK(num_inputs == count * network.input().size());
  DNE_CHECK(num_outputs == count * Size(network.num_outputs()));
  return count;
}

class PlainBatchForward final : public BatchForward {
 public:
  explicit PlainBatchForward(const Network& network)
      : network_(network), forward_(MakeForward(network, Isa::kScalar, 1)) {}

  void SetParameters(std::span<const float> parameters) override {
    forward_->SetParameters(parameters);
    has_parameters_ = true;
  }
  void SetChange(const LowRankChange* change) override { forward_->SetChange(0, change); }
  void Run(std::span<const uint8_t> observations, std::span<float> outputs) override {
    RunAll(observations, outputs);
  }
  void Run(std::span<const float> observations, std::span<float> outputs) override {
    RunAll(observations, outputs);
  }

 private:
  template <class T>
  void RunAll(std::span<const T> observations, std::span<float> outputs) {
    const size_t count = CheckBatch(network_, has_parameters_, observations.size(), outputs.size());
    const size_t inputs = network_.input().size();
    const size_t num_outputs = Size(network_.num_outputs());
    for (size_t i = 0; i < count; ++i) {
      forward_->Run(std::array{0}, observations.subspan(i * inputs, inputs),
                    outputs.subspan(i * num_outputs, num_outputs));
    }
  }

  const Network& network_;
  std::unique_ptr<Forward> forward_;
  bool has_parameters_ = false;
};

// So many groups go through the dense layers together: their weights are read once for all.
constexpr size_t kGroups = 4;

// The input of a layer, or the outputs, of one group or of all: with the padding that a convolution
// reads, zeros that are never written.
struct Values {
  size_t row = 0;    // floats from a row to the next
  size_t first = 0;  // where the image begins
  size_t group_floats = 0;
  size_t groups = 0;
  FloatBuffer floats;

  float* group(size_t g) { return floats.values().data() + g % groups * group_floats; }
};

class VectorBatchForward final : public BatchForward {
 public:
  VectorBatchForward(const Network& network, Isa isa);

  void SetParameters(std::span<const float> parameters) override;
  void SetChange(const LowRankChange* change) override;
  void Run(std::span<const uint8_t> observations, std::span<float> outputs) override;
  void Run(std::span<const float> observations, std::span<float> outputs) override;

 private:
  bool IsPooledBy2(size_t index) const;
  Values MakeValues(size_t index) const;
  void PackConvolution(size_t index);
  const nn::MapChange* ChangeOf(size_t index) const;
  const float* BiasesOf(size_t index) const;
  const float* Project(const nn::BatchProjection& projection);
  std::span<const float> SpatialParameters() const;
  bool IsHeld(std::span<const std::byte> observations) const;
  void Hold(std::span<const std::byte> observations);
  template <class T>
  void Observe(const T* observations, size_t count, float scale, float* values) const;
  void RunSpatial(size_t index, size_t group);
  void Convolve(size_t index, size_t group);
  void TakeLargest(size_t index, size_t group);
  void Multiply(size_t index, size_t groups);
  template <class T>
  void RunAll(std::span<const T> observations, float scale, std::span<float> outputs);
  template <class T>
  void RunChunk(const T* observations, size_t count, float scale, float* outputs);

  const Network& network_;
  nn::BatchKernels kernels_;
  size_t num_spatial_ = 0;           // layers that work on images, which come first
  std::vector<Values> values_;       // the network's input, then the outputs of each layer
  std::vector<FloatBuffer> packed_;  // of each convolution the weights
  FloatBuffer partial_;              // of the widest dense layer
  const float* parameters_ = nullptr;
  std::vector<nn::LayerChange> changes_;  // of a member of low rank: one a layer; else empty
  std::vector<float> h_;                  // of one layer
  // What the input of the first dense layer follows from, as it lies there; empty: not known.
  std::vector<std::byte> held_observations_;
  std::vector<float> held_parameters_;
};

VectorBatchForward::VectorBatchForward(const Network& network, Isa isa)
    : network_(network), kernels_(nn::BatchKernelsFor(isa)) {
  size_t widest = 0;
  for (const Layer& layer : network.layers()) {
    const bool spatial = layer.has_window() || layer.spec.type == LayerType::kAveragePool;
    if (spatial) ++num_spatial_;
    if (!spatial) widest = std::max(widest, layer.output.size());
    const bool convolves = layer.spec.type == LayerType::kConv2d;
    packed_.emplace_back(convolves ? layer.map.num_weights() : 0);
  }
  for (size_t i = 0; i <= network.layers().size(); ++i) values_.push_back(MakeValues(i));
  partial_ = FloatBuffer(kGroups * widest * kernels_.lanes);
}

// What a convolution writes is pooled at once.
bool VectorBatchForward::IsPooledBy2(size_t index) const {
  if (network_.layers()[index].spec.type != LayerType::kConv2d) return false;
  const LayerSpec& next = network_.layers()[index + 1].spec;
  return next.type == LayerType::kMaxPool && next.kernel == 2 && next.stride == 2;
}

Values VectorBatchForward::MakeValues(size_t index) const {
  const bool is_input = index < network_.layers().size();
  Shape shape = network_.layers().back().output;
  Values values{.groups = index < num_spatial_ ? 1 : kGroups};
  size_t before = 0;  // positions
  if (is_input) {
    const Layer& layer = network_.layers()[index];
    shape = layer.padded;
    before = Size(layer.pad_top) * Size(shape.width) + Size(layer.pad_left);
  }
  const size_t position = Size(shape.channels) * kernels_.lanes;
  values.row = Size(shape.width) * position;
  values.first = before * position;
  values.group_floats = shape.size() * kernels_.lanes;
  if (index > 0 && IsPooledBy2(index - 1)) return values;  // never seen
  values.floats = nn::ZeroFloats(values.groups * values.group_floats);
  return values;
}

void VectorBatchForward::SetParameters(std::span<const float> parameters) {
  DNE_CHECK(parameters.size() == network_.num_parameters());
  parameters_ = parameters.data();
  changes_.clear();
  for (size_t i = 0; i < num_spatial_; ++i) PackConvolution(i);
}

void VectorBatchForward::SetChange(const LowRankChange* change) {
  DNE_CHECK(parameters_ != nullptr);
  changes_.clear();
  if (change) changes_ = nn::ChangesOf(network_, *change);
}

// Null without a change.
const nn::MapChange* VectorBatchForward::ChangeOf(size_t index) const {
  return changes_.empty() ? nullptr : &changes_[index].map;
}

const float* VectorBatchForward::BiasesOf(size_t index) const {
  const nn::MapChange* change = ChangeOf(index);
  return change ? change->biases : parameters_ + network_.layers()[index].map.biases;
}

// Returns its h; null without a change.
const float* VectorBatchForward::Project(const nn::BatchProjection& projection) {
  if (projection.change == nullptr) return nullptr;
  const size_t places = projection.down * projection.across;
  h_.resize(std::max(h_.size(), places * projection.change->rank * kernels_.lanes));
  kernels_.project(projection, h_.data());
  return h_.data();
}

// Of the layers that work on images, which lie before all others.
std::span<const float> VectorBatchForward::SpatialParameters() const {
  return {parameters_, network_.layers()[num_spatial_].map.weights};
}

// Members of a cloud may differ behind the images' layers alone: those of buckets mostly do.
bool VectorBatchForward::IsHeld(std::span<const std::byte> observations) const {
  return num_spatial_ > 0 && changes_.empty() &&
         std::ranges::equal(observations, held_observations_) &&
         std::ranges::equal(std::as_bytes(SpatialParameters()),
                            std::as_bytes(std::span(held_parameters_)));
}

void VectorBatchForward::Hold(std::span<const std::byte> observations) {
  if (num_spatial_ == 0 || !changes_.empty()) return held_observations_.clear();
  held_observations_.assign(observations.begin(), observations.end());
  held_parameters_.assign(SpatialParameters().begin(), SpatialParameters().end());
}

void VectorBatchForward::PackConvolution(size_t index) {
  const AffineMap& map = network_.layers()[index].map;
  float* to = packed_[index].values().data();
  for (size_t first = 0; first < map.outputs; first += kernels_.conv_units) {
    const size_t units = std::min(map.outputs - first, kernels_.conv_units);
    const float* from = parameters_ + map.weights + first;
    for (size_t tap = 0; tap < map.inputs; ++tap, from += map.outputs) {
      to = std::copy_n(from, units, to);
    }
  }
}

// Lanes without an observation see zeros.
template <class T>
void VectorBatchForward::Observe(const T* observations, size_t count, float scale,
                                 float* values) const {
  const Layer& layer = network_.layers().front();
  const size_t row = Size(layer.input.width) * Size(layer.input.channels);
  const size_t lanes = kernels_.lanes;
  for (size_t y = 0; y < Size(layer.input.height); ++y) {
    float* to = values + values_[0].first + y * values_[0].row;
    for (size_t lane = 0; lane < lanes; ++lane) {
      const T* from = observations + lane * layer.input.size() + y * row;
      for (size_t i = 0; i < row; ++i) {
        to[i * lanes + lane] = lane < count ? static_cast<float>(from[i]) * scale : 0.0f;
      }
    }
  }
}

void VectorBatchForward::RunSpatial(size_t index, size_t group) {
  const Layer& layer = network_.layers()[index];
  if (layer.spec.type == LayerType::kConv2d) return Convolve(index, group);
  if (layer.spec.type == LayerType::kAveragePool) {
    return kernels_.average({.input = values_[index].group(group),
                             .positions = layer.input.positions(),
                             .channels = Size(layer.input.channels),
                             .output = values_[index + 1].group(group)});
  }
  if (index == 0 || !IsPooledBy2(index - 1)) TakeLargest(index, group);
}

void VectorBatchForward::Convolve(size_t index, size_t group) {
  const Layer& layer = network_.layers()[index];
  Values& in = values_[index];
  const bool pools = IsPooledBy2(index);
  Values& out = values_[index + (pools ? 2 : 1)];
  const size_t whole = pools ? 2 : 1;
  const size_t stride = Size(layer.spec.stride);
  const size_t position = Size(layer.input.channels) * kernels_.lanes;
  nn::BatchConvolution convolution{.weights = packed_[index].values().data(),
                                   .biases = BiasesOf(index),
                                   .units = layer.map.outputs,
                                   .kernel = Size(layer.spec.kernel),
                                   .run = Size(layer.spec.kernel) * Size(layer.input.channels),
                                   .activation = layer.spec.activation,
                                   .input = in.group(group),
                                   .input_row = in.row,
                                   .row_step = stride * in.row,
                                   .column_step = stride * position,
                                   .rows = Size(layer.output.height) / whole * whole,
                                   .columns = Size(layer.output.width) / whole * whole,
                                   .pools = pools,
                                   .output = out.group(group) + out.first,
                                   .output_row = out.row,
                                   .change = ChangeOf(index)};
  convolution.h = Project(nn::ProjectionOf(convolution));
  kernels_.convolve(convolution);
}

void VectorBatchForward::TakeLargest(size_t index, size_t group) {
  const Layer& layer = network_.layers()[index];
  Values& in = values_[index];
  Values& out = values_[index + 1];
  kernels_.take_largest({.channels = Size(layer.input.channels),
                         .kernel = Size(layer.spec.kernel),
                         .stride = Size(layer.spec.stride),
                         .input = in.group(group),
                         .input_row = in.row,
                         .rows = Size(layer.output.height),
                         .columns = Size(layer.output.width),
                         .output = out.group(group) + out.first,
                         .output_row = out.row});
}

bool IsNegativeZero(float value) { return std::bit_cast<uint32_t>(value) == 0x8000'0000u; }

void VectorBatchForward::Multiply(size_t index, size_t groups) {
  const Layer& layer = network_.layers()[index];
  const std::span biases(BiasesOf(index), layer.map.outputs);
  const nn::MapChange* change = ChangeOf(index);
  const float* h = Project({.change = change,
                            .rows = 1,
                            .run = layer.map.inputs,
                            .input = values_[index].group(0),
                            .input_row = 0,
                            .row_step = 0,
                            .column_step = values_[index].group_floats,
                            .down = 1,
                            .across = groups});
  kernels_.multiply({.weights = parameters_ + layer.map.weights,
                     .biases = biases.data(),
                     .positions = layer.input.positions(),
                     .channels = Size(layer.input.channels),
                     .units = layer.map.outputs,
                     .activation = layer.spec.activation,
                     .skip_zeros = std::ranges::any_of(biases, IsNegativeZero),
                     .groups = groups,
                     .input = values_[index].group(0),
                     .input_group = values_[index].group_floats,
                     .skipped = layer.skip_from ? values_[*layer.skip_from + 1].group(0) : nullptr,
                     .output = values_[index + 1].group(0),
                     .partial = partial_.values().data(),
                     .change = change,
                     .h = h});
}

template <class T>
void VectorBatchForward::RunChunk(const T* observations, size_t count, float scale,
                                  float* outputs) {
  const size_t lanes = kernels_.lanes;
  const size_t groups = (count + lanes - 1) / lanes;
  const auto bytes = std::as_bytes(std::span(observations, count * network_.input().size()));
  if (!IsHeld(bytes)) {
    for (size_t g = 0; g < groups; ++g) {
      Observe(observations + g * lanes * network_.input().size(),
              std::min(lanes, count - g * lanes), scale, values_[0].group(g));
      for (size_t i = 0; i < num_spatial_; ++i) RunSpatial(i, g);
    }
    Hold(bytes);
  }
  for (size_t i = num_spatial_; i < network_.layers().size(); ++i) Multiply(i, groups);
  const size_t num_outputs = Size(network_.num_outputs());
  for (size_t i = 0; i < count; ++i) {
    const float* from = values_.back().group(i / lanes) + i % lanes;
    for (size_t o = 0; o < num_outputs; ++o) outputs[i * num_outputs + o] = from[o * lanes];
  }
}

template <class T>
void VectorBatchForward::RunAll(std::span<const T> observations, float scale,
                                std::span<float> outputs) {
  const size_t count =
      CheckBatch(network_, parameters_ != nullptr, observations.size(), outputs.size());
  const size_t chunk = kGroups * kernels_.lanes;
  for (size_t first = 0; first < count; first += chunk) {
    RunChunk(observations.data() + first * network_.input().size(), std::min(chunk, count - first),
             scale, outputs.data() + first * Size(network_.num_outputs()));
  }
}

void VectorBatchForward::Run(std::span<const uint8_t> observations, std::span<float> outputs) {
  DNE_CHECK(TakesBytes(network_));
  RunAll(observations, kByteScale, outputs);
}

void VectorBatchForward::Run(std::span<const float> observations, std::span<float> outputs) {
  DNE_CHECK(!TakesBytes(network_));
  RunAll(observations, 1.0f, outputs);
}

}  // namespace

std::unique_ptr<BatchForward> MakeBatchForward(const Network& network, Isa isa) {
  DNE_CHECK(IsaSupported(isa));
  const std::string only =
      ": a batch of observations needs a network whose outputs follow from one observation; ";
  if (network.has_state()) {
    throw Error("the network has a state" + only + "use layers other than rnn, gru and lstm");
  }
  if (network.virtual_batch_norm()) {
    throw Error("the network has virtual_batch_norm" + only + "leave it out");
  }
  if (isa == Isa::kScalar) return std::make_unique<PlainBatchForward>(network);
  return std::make_unique<VectorBatchForward>(network, isa);
}

}  // namespace dne
