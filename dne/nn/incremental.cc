// SPDX-License-Identifier: MIT
#include "dne/nn/incremental.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "dne/base/error.h"
#include "dne/nn/kernels.h"
#include "dne/nn/run_check.h"

namespace dne {
namespace {

using nn::kPad;
using nn::RoundUp;

constexpr size_t kWord = sizeof(uint64_t);  // flags are looked at eight at a time

// Rows of weights listed ahead of the multiplication: a whole pass of the largest preset.
constexpr size_t kListedRows = 8192;

size_t Size(int n) { return static_cast<size_t>(n); }

// Floats that start on a cache line, zero at first.
class Buffer {
 public:
  explicit Buffer(size_t size = 0) : lines_(RoundUp(size, kPad) / kPad) {}
  float* data() { return lines_.empty() ? nullptr : lines_.front().floats; }

 private:
  struct alignas(64) Line {
    float floats[kPad] = {};
  };
  std::vector<Line> lines_;
};

// A layer, and where it finds its input in a lane: `input` among the floats, `changed` (a flag a
// position) among the bytes. A convolution's input carries its padding: zeros that never change.
struct Stage {
  const Layer* layer;
  size_t pitch;  // positions of an input row
  size_t rows;
  size_t flag_pitch;
  size_t input = 0;
  size_t changed = 0;
  size_t partials = 0;  // dense layers
  size_t row_stride;    // floats of a row of weights

  bool convolves() const { return layer->spec.type == LayerType::kConv2d; }
  size_t channels() const { return Size(layer->input.channels); }
  size_t units() const { return Size(layer->spec.units); }
  // Position (y, x) of the previous layer's output.
  size_t InputAt(size_t y, size_t x) const {
    return input + ((y + Size(layer->pad_top)) * pitch + x + Size(layer->pad_left)) * channels();
  }
  size_t FlagAt(size_t y, size_t x) const {
    return changed + (y + Size(layer->pad_top)) * flag_pitch + x + Size(layer->pad_left);
  }
};

size_t ReadExtent(const LayerSpec& spec, int before, int in, int out) {
  return Size(std::max(before + in, (out - 1) * spec.stride + spec.kernel));
}

Stage PlaceStage(const Layer& layer) {
  Stage stage{.layer = &layer,
              .pitch = Size(layer.input.width),
              .rows = Size(layer.input.height),
              .flag_pitch = Size(layer.input.width),
              .row_stride = RoundUp(Size(layer.spec.units), kPad)};
  if (stage.convolves()) {
    stage.pitch = ReadExtent(layer.spec, layer.pad_left, layer.input.width, layer.output.width);
    stage.rows = ReadExtent(layer.spec, layer.pad_top, layer.input.height, layer.output.height);
    stage.flag_pitch = RoundUp(stage.pitch + kWord, kWord);
  }
  return stage;
}

// A layer's parameters as the kernels want them.
struct Weights {
  const float* weights = nullptr;
  const float* biases = nullptr;
  bool skip_zeros = false;
  Buffer padded;
};

struct Lane {
  bool fresh = true;  // has seen nothing: everything counts as changed
  Buffer floats;
  std::vector<uint8_t> changed;
  std::vector<uint8_t> observation;  // the last one
};

bool AllFinite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
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

#if defined(__x86_64__)
nn::Kernels KernelsFor(Isa isa) {
  if (isa == Isa::kAvx512) {
    return {nn::ScaleRowAvx512, nn::ConvolveAvx512, nn::MultiplyAvx512, nn::AddUpAvx512};
  }
  DNE_CHECK(isa == Isa::kAvx2);
  return {nn::ScaleRowAvx2, nn::ConvolveAvx2, nn::MultiplyAvx2, nn::AddUpAvx2};
}
#else
nn::Kernels KernelsFor(Isa) { DNE_CHECK(false); }
#endif

class IncrementalForward final : public Forward {
 public:
  IncrementalForward(const Network& network, Isa isa, int num_lanes);

  void SetParameters(std::span<const float> parameters) override;
  void ForgetLane(int lane) override;
  void Run(std::span<const int> lanes, std::span<const uint8_t> observations,
           std::span<float> outputs) override;
  void Run(std::span<const int> lanes, std::span<const float> observations,
           std::span<float> outputs) override;

 private:
  void PlaceStages();
  void ReserveScratch();
  void Observe(Lane& lane, const uint8_t* observation);
  void Observe(Lane& lane, const float* observation);
  void FindPositions(const Stage& stage, const Stage& next, Lane& lane);
  std::span<const float> WeightsAhead(size_t index) const;
  void Convolve(size_t index, Lane& lane);
  void ListJobs(const Stage& stage, std::span<const int> lanes);
  void Multiply(size_t index, std::span<const int> lanes);
  template <class T>
  void RunAll(std::span<const int> lanes, std::span<const T> observations,
              std::span<float> outputs);

  const Network& network_;
  nn::Kernels kernels_;
  std::vector<Stage> stages_;  // one a layer, then the outputs
  size_t num_convolutions_ = 0;
  size_t num_floats_ = 0;
  size_t num_flags_ = 0;
  std::vector<Weights> weights_;  // one a layer
  bool has_parameters_ = false;
  std::vector<Lane> lanes_;
  bool backwards_ = false;

  // Scratch.
  std::vector<uint64_t> window_;  // flags of the rows under a row of outputs, merged
  std::vector<nn::ConvPosition> positions_;
  std::vector<nn::DenseJob> jobs_;
  nn::TapList taps_;
  nn::RowList rows_;
};

IncrementalForward::IncrementalForward(const Network& network, Isa isa, int num_lanes)
    : network_(network), kernels_(KernelsFor(isa)), weights_(network.layers().size()) {
  PlaceStages();
  ReserveScratch();
  const size_t bytes = TakesBytes(network) ? Size(network.input().size()) : 0;
  for (int i = 0; i < num_lanes; ++i) {
    lanes_.push_back({.floats = Buffer(num_floats_),
                      .changed = std::vector<uint8_t>(num_flags_ + kWord),
                      .observation = std::vector<uint8_t>(bytes)});
  }
}

void IncrementalForward::PlaceStages() {
  const auto place = [&](Stage stage, size_t floats) {
    stage.input = num_floats_;
    stage.changed = num_flags_;
    num_floats_ += RoundUp(floats + kPad, kPad);  // read a vector beyond the end
    num_flags_ += stage.rows * stage.flag_pitch;
    stages_.push_back(stage);
  };
  for (const Layer& layer : network_.layers()) {
    const Stage stage = PlaceStage(layer);
    // A dense layer writes whole vectors.
    place(stage,
          stage.rows * stage.pitch * RoundUp(stage.channels(), stage.convolves() ? 1 : kPad));
    if (stage.convolves()) {
      ++num_convolutions_;
      continue;
    }
    stages_.back().partials = num_floats_;
    num_floats_ += stage.rows * stage.pitch * stage.row_stride;
  }
  static const Layer kOutputs;
  place({.layer = &kOutputs, .pitch = 1, .rows = 1, .flag_pitch = 1, .row_stride = 0},
        stages_.back().row_stride);
}

void IncrementalForward::ReserveScratch() {
  size_t positions = 0;
  size_t taps = 0;
  size_t flags = 0;
  size_t channels = kListedRows;
  for (const Stage& stage : stages_) {
    if (stage.convolves()) {
      positions = std::max(positions, Size(stage.layer->output.positions()));
      taps = std::max(taps, Size(stage.layer->fan_in));
      flags = std::max(flags, stage.flag_pitch);
    } else {
      channels = std::max(channels, stage.channels());
    }
  }
  positions_.reserve(positions);
  taps_.input.resize(taps + kPad);
  taps_.weight.resize(taps + kPad);
  window_.resize(flags / kWord + 1);
  rows_.row.resize(channels + 2 * kPad);
  rows_.value.resize(channels + 2 * kPad);
  rows_.end.resize(channels + 2 * kPad);
}

void IncrementalForward::SetParameters(std::span<const float> parameters) {
  DNE_CHECK(parameters.size() == network_.num_parameters());
  has_parameters_ = true;
  for (Lane& lane : lanes_) lane.fresh = true;
  for (size_t i = 0; i < weights_.size(); ++i) {
    const Stage& stage = stages_[i];
    const Layer& layer = *stage.layer;
    const auto values = parameters.subspan(layer.weights, layer.biases - layer.weights);
    const float* biases = parameters.data() + layer.biases;
    Weights& weights = weights_[i];
    weights.weights = values.data();
    weights.biases = biases;
    weights.skip_zeros =
        stage.convolves() && layer.spec.activation == Activation::kRelu && AllFinite(values);
    if (stage.units() == stage.row_stride) continue;
    // Odd numbers of units: a copy with zeros at the end of each row, biases as the last row.
    const size_t rows = Size(layer.fan_in) + 1;
    weights.padded = Buffer(rows * stage.row_stride);
    weights.weights = weights.padded.data();
    weights.biases = weights.weights + (rows - 1) * stage.row_stride;
    for (size_t row = 0; row < rows; ++row) {
      std::copy_n(values.data() + row * stage.units(), stage.units(),
                  weights.padded.data() + row * stage.row_stride);
    }
  }
}

void IncrementalForward::ForgetLane(int lane) {
  DNE_CHECK(lane >= 0 && Size(lane) < lanes_.size());
  lanes_[Size(lane)].fresh = true;
}

void IncrementalForward::Observe(Lane& lane, const uint8_t* observation) {
  const Stage& stage = stages_.front();
  const Shape& shape = stage.layer->input;
  const size_t row_bytes = Size(shape.width * shape.channels);
  for (size_t y = 0; y < Size(shape.height); ++y) {
    kernels_.scale_row({.now = observation + y * row_bytes,
                        .before = lane.observation.data() + y * row_bytes,
                        .x = lane.floats.data() + stage.InputAt(y, 0),
                        .changed = lane.changed.data() + stage.FlagAt(y, 0),
                        .positions = Size(shape.width),
                        .channels = Size(shape.channels),
                        .all = lane.fresh});
  }
}

void IncrementalForward::Observe(Lane& lane, const float* observation) {
  const Stage& stage = stages_.front();
  float* input = lane.floats.data() + stage.InputAt(0, 0);
  const size_t bytes = stage.channels() * sizeof(float);
  lane.changed[stage.FlagAt(0, 0)] = std::memcmp(input, observation, bytes) != 0;
  std::memcpy(input, observation, bytes);
}

// Lists the outputs to compute, row by row, and marks all of them unchanged.
void IncrementalForward::FindPositions(const Stage& stage, const Stage& next, Lane& lane) {
  const Layer& layer = *stage.layer;
  const size_t kernel = Size(layer.spec.kernel);
  const size_t stride = Size(layer.spec.stride);
  const size_t width = Size(layer.output.width);
  const size_t words = stage.flag_pitch / kWord;
  const auto* merged = reinterpret_cast<const uint8_t*>(window_.data());
  positions_.clear();
  for (size_t y = 0; y < Size(layer.output.height); ++y) {
    std::fill_n(window_.begin(), words, 0);
    for (size_t ky = 0; ky < kernel; ++ky) {
      const uint8_t* flags =
          lane.changed.data() + stage.changed + (y * stride + ky) * stage.flag_pitch;
      for (size_t i = 0; i < words; ++i) {
        uint64_t word;
        std::memcpy(&word, flags + i * kWord, kWord);
        window_[i] |= word;
      }
    }
    const float* input =
        lane.floats.data() + stage.input + y * stride * stage.pitch * stage.channels();
    float* output = lane.floats.data() + next.InputAt(y, 0);
    uint8_t* changed = lane.changed.data() + next.FlagAt(y, 0);
    std::fill_n(changed, width, uint8_t{0});
    for (size_t x = 0; x < width; ++x) {
      if (!lane.fresh && !AnySet(merged + x * stride, kernel)) continue;
      positions_.push_back({.input = input + x * stride * stage.channels(),
                            .output = output + x * stage.units(),
                            .changed = changed + x});
    }
  }
}

std::span<const float> IncrementalForward::WeightsAhead(size_t index) const {
  if (index >= num_convolutions_) return {};  // a dense layer reads only some of its rows
  return {weights_[index].weights, Size(stages_[index].layer->fan_in) * stages_[index].row_stride};
}

void IncrementalForward::Convolve(size_t index, Lane& lane) {
  const Stage& stage = stages_[index];
  FindPositions(stage, stages_[index + 1], lane);
  const LayerSpec& spec = stage.layer->spec;
  kernels_.convolve({.weights = weights_[index].weights,
                     .biases = weights_[index].biases,
                     .row_stride = stage.row_stride,
                     .units = stage.units(),
                     .kernel = Size(spec.kernel),
                     .run = Size(spec.kernel) * stage.channels(),
                     .input_pitch = stage.pitch * stage.channels(),
                     .activation = spec.activation,
                     .skip_zeros = weights_[index].skip_zeros,
                     .ahead = WeightsAhead(index + 1)},
                    positions_, taps_);
}

// Position by position, and in each lane by lane, so that all lanes read a position's weights
// while they are in the cache. Every other pass runs backwards: it starts with the weights that
// the last one read at its end.
void IncrementalForward::ListJobs(const Stage& stage, std::span<const int> lanes) {
  const size_t num_positions = stage.rows * stage.pitch;
  jobs_.clear();
  for (size_t i = 0; i < num_positions; ++i) {
    const size_t p = backwards_ ? num_positions - 1 - i : i;
    for (int number : lanes) {
      Lane& lane = lanes_[Size(number)];
      if (!lane.fresh && lane.changed[stage.changed + p] == 0) continue;
      jobs_.push_back({.input = lane.floats.data() + stage.input + p * stage.channels(),
                       .position = p,
                       .partial = lane.floats.data() + stage.partials + p * stage.row_stride});
    }
  }
}

void IncrementalForward::Multiply(size_t index, std::span<const int> lanes) {
  const Stage& stage = stages_[index];
  const Stage& next = stages_[index + 1];
  const nn::DenseLayer layer{.weights = weights_[index].weights,
                             .biases = weights_[index].biases,
                             .row_stride = stage.row_stride,
                             .positions = stage.rows * stage.pitch,
                             .channels = stage.channels(),
                             .activation = stage.layer->spec.activation};
  ListJobs(stage, lanes);
  kernels_.multiply(layer, jobs_, rows_);
  for (int number : lanes) {
    Lane& lane = lanes_[Size(number)];
    lane.changed[next.changed] = kernels_.add_up(layer, lane.floats.data() + stage.partials,
                                                 lane.floats.data() + next.input);
  }
}

template <class T>
void IncrementalForward::RunAll(std::span<const int> lanes, std::span<const T> observations,
                                std::span<float> outputs) {
  CheckRun(network_, has_parameters_, static_cast<int>(lanes_.size()), lanes, observations.size(),
           outputs.size());
  for (size_t i = 0; i < lanes.size(); ++i) {
    Lane& lane = lanes_[Size(lanes[i])];
    Observe(lane, observations.data() + i * Size(network_.input().size()));
    for (size_t k = 0; k < num_convolutions_; ++k) Convolve(k, lane);
  }
  for (size_t k = num_convolutions_; k < weights_.size(); ++k) Multiply(k, lanes);
  backwards_ = !backwards_;
  const size_t num_outputs = Size(network_.num_outputs());
  for (size_t i = 0; i < lanes.size(); ++i) {
    Lane& lane = lanes_[Size(lanes[i])];
    lane.fresh = false;
    std::copy_n(lane.floats.data() + stages_.back().input, num_outputs,
                outputs.data() + i * num_outputs);
  }
}

void IncrementalForward::Run(std::span<const int> lanes, std::span<const uint8_t> observations,
                             std::span<float> outputs) {
  DNE_CHECK(TakesBytes(network_));
  RunAll(lanes, observations, outputs);
}

void IncrementalForward::Run(std::span<const int> lanes, std::span<const float> observations,
                             std::span<float> outputs) {
  DNE_CHECK(!TakesBytes(network_));
  RunAll(lanes, observations, outputs);
}

}  // namespace

std::unique_ptr<Forward> MakeIncrementalForward(const Network& network, Isa isa, int num_lanes) {
  return std::make_unique<IncrementalForward>(network, isa, num_lanes);
}

}  // namespace dne
