// SPDX-License-Identifier: MIT
#include "dne/nn/vector_batch_forward.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/nn/batch_kernels.h"
#include "dne/nn/low_rank.h"
#include "dne/nn/run_check.h"
#include "dne/nn/stage.h"

namespace dne {
namespace {

using nn::Size;

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

// Observations that go through the layers as the lanes of a vector.
template <class T>
struct Group {
  const T* observations;
  size_t count;
  float* outputs;
  size_t member;  // whose they are
};

class VectorBatchForward final : public BatchForward {
 public:
  VectorBatchForward(const Network& network, Isa isa);

  void SetParameters(std::span<const float> parameters) override;
  void SetChange(const LowRankChange* change) override;
  void RunMembers(std::span<const LowRankChange> members, std::span<const uint8_t> observations,
                  std::span<float> outputs) override;
  void Run(std::span<const uint8_t> observations, std::span<float> outputs) override;
  void Run(std::span<const float> observations, std::span<float> outputs) override;

 private:
  bool IsPooledBy2(size_t index) const;
  Values MakeValues(size_t index) const;
  void PackConvolution(size_t index);
  const nn::MapChange* ChangeOf(size_t index, size_t group) const;
  const float* BiasesOf(size_t index, size_t group) const;
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
  void ListGroups(std::span<const T> observations, std::span<float> outputs, size_t member,
                  std::vector<Group<T>>& groups) const;
  template <class T>
  void RunAll(std::span<const Group<T>> groups, float scale);
  template <class T>
  void RunTogether(std::span<const Group<T>> groups, float scale);

  const Network& network_;
  nn::BatchKernels kernels_;
  size_t num_spatial_ = 0;           // layers that work on images, which come first
  std::vector<Values> values_;       // the network's input, then the outputs of each layer
  std::vector<FloatBuffer> packed_;  // of each convolution the weights
  FloatBuffer partial_;              // of the widest dense layer
  const float* parameters_ = nullptr;
  std::vector<std::vector<nn::LayerChange>> members_;  // of low rank, each layer by layer; or none
  std::array<size_t, kGroups> member_of_{};            // of the groups in work
  std::vector<float> h_;                               // of one layer
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
  members_.clear();
  for (size_t i = 0; i < num_spatial_; ++i) PackConvolution(i);
}

void VectorBatchForward::SetChange(const LowRankChange* change) {
  DNE_CHECK(parameters_ != nullptr);
  members_.clear();
  if (change) members_.push_back(nn::ChangesOf(network_, *change));
}

// Null without a change.
const nn::MapChange* VectorBatchForward::ChangeOf(size_t index, size_t group) const {
  return members_.empty() ? nullptr : &members_[member_of_[group]][index].map;
}

const float* VectorBatchForward::BiasesOf(size_t index, size_t group) const {
  const nn::MapChange* change = ChangeOf(index, group);
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
  return num_spatial_ > 0 && members_.empty() &&
         std::ranges::equal(observations, held_observations_) &&
         std::ranges::equal(std::as_bytes(SpatialParameters()),
                            std::as_bytes(std::span(held_parameters_)));
}

void VectorBatchForward::Hold(std::span<const std::byte> observations) {
  if (num_spatial_ == 0 || !members_.empty()) return held_observations_.clear();
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
                                   .biases = BiasesOf(index, group),
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
                                   .change = ChangeOf(index, group)};
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
  std::array<nn::BatchDenseGroup, kGroups> of_group{};
  bool skip_zeros = false;
  size_t taken = 0;  // of h_
  for (size_t g = 0; g < groups; ++g) {
    of_group[g] = {.biases = BiasesOf(index, g), .change = ChangeOf(index, g)};
    skip_zeros |=
        std::ranges::any_of(std::span(of_group[g].biases, layer.map.outputs), IsNegativeZero);
    if (of_group[g].change) taken += of_group[g].change->rank * kernels_.lanes;
  }
  h_.resize(std::max(h_.size(), taken));
  float* h = h_.data();
  for (size_t g = 0; g < groups && taken > 0; ++g) {
    kernels_.project({.change = of_group[g].change,
                      .rows = 1,
                      .run = layer.map.inputs,
                      .input = values_[index].group(g),
                      .input_row = 0,
                      .row_step = 0,
                      .column_step = 0,
                      .down = 1,
                      .across = 1},
                     h);
    of_group[g].h = h;
    h += of_group[g].change->rank * kernels_.lanes;
  }
  kernels_.multiply({.weights = parameters_ + layer.map.weights,
                     .positions = layer.input.positions(),
                     .channels = Size(layer.input.channels),
                     .units = layer.map.outputs,
                     .activation = layer.spec.activation,
                     .skip_zeros = skip_zeros,
                     .groups = groups,
                     .of_group = of_group.data(),
                     .input = values_[index].group(0),
                     .input_group = values_[index].group_floats,
                     .skipped = layer.skip_from ? values_[*layer.skip_from + 1].group(0) : nullptr,
                     .output = values_[index + 1].group(0),
                     .partial = partial_.values().data()});
}

// At most kGroups, whose observations lie one after the other.
template <class T>
void VectorBatchForward::RunTogether(std::span<const Group<T>> groups, float scale) {
  const Group<T>& last = groups.back();
  const T* end = last.observations + last.count * network_.input().size();
  const auto bytes = std::as_bytes(std::span(groups.front().observations, end));
  for (size_t g = 0; g < groups.size(); ++g) member_of_[g] = groups[g].member;
  if (!IsHeld(bytes)) {
    for (size_t g = 0; g < groups.size(); ++g) {
      Observe(groups[g].observations, groups[g].count, scale, values_[0].group(g));
      for (size_t i = 0; i < num_spatial_; ++i) RunSpatial(i, g);
    }
    Hold(bytes);
  }
  for (size_t i = num_spatial_; i < network_.layers().size(); ++i) Multiply(i, groups.size());
  const size_t num_outputs = Size(network_.num_outputs());
  for (size_t g = 0; g < groups.size(); ++g) {
    const float* from = values_.back().group(g);
    float* to = groups[g].outputs;
    for (size_t lane = 0; lane < groups[g].count; ++lane) {
      for (size_t o = 0; o < num_outputs; ++o) *to++ = from[o * kernels_.lanes + lane];
    }
  }
}

template <class T>
void VectorBatchForward::RunAll(std::span<const Group<T>> groups, float scale) {
  for (size_t first = 0; first < groups.size(); first += kGroups) {
    RunTogether(groups.subspan(first, std::min(kGroups, groups.size() - first)), scale);
  }
}

template <class T>
void VectorBatchForward::ListGroups(std::span<const T> observations, std::span<float> outputs,
                                    size_t member, std::vector<Group<T>>& groups) const {
  const size_t count =
      CheckBatch(network_, parameters_ != nullptr, observations.size(), outputs.size());
  for (size_t first = 0; first < count; first += kernels_.lanes) {
    groups.push_back({.observations = observations.data() + first * network_.input().size(),
                      .count = std::min(kernels_.lanes, count - first),
                      .outputs = outputs.data() + first * Size(network_.num_outputs()),
                      .member = member});
  }
}

void VectorBatchForward::RunMembers(std::span<const LowRankChange> members,
                                    std::span<const uint8_t> observations,
                                    std::span<float> outputs) {
  DNE_CHECK(TakesBytes(network_) && !members.empty());
  members_.clear();
  std::vector<Group<uint8_t>> groups;
  for (size_t i = 0; i < members.size(); ++i) {
    members_.push_back(nn::ChangesOf(network_, members[i]));
    ListGroups(ShareOf(observations, i, members.size()), ShareOf(outputs, i, members.size()), i,
               groups);
  }
  RunAll<uint8_t>(groups, kByteScale);
  members_.clear();
}

void VectorBatchForward::Run(std::span<const uint8_t> observations, std::span<float> outputs) {
  DNE_CHECK(TakesBytes(network_));
  std::vector<Group<uint8_t>> groups;
  ListGroups(observations, outputs, 0, groups);
  RunAll<uint8_t>(groups, kByteScale);
}

void VectorBatchForward::Run(std::span<const float> observations, std::span<float> outputs) {
  DNE_CHECK(!TakesBytes(network_));
  std::vector<Group<float>> groups;
  ListGroups(observations, outputs, 0, groups);
  RunAll<float>(groups, 1.0f);
}

}  // namespace

std::unique_ptr<BatchForward> MakeVectorBatchForward(const Network& network, Isa isa) {
  return std::make_unique<VectorBatchForward>(network, isa);
}

}  // namespace dne
