// SPDX-License-Identifier: MIT
#include "dne/nn/incremental.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/nn/normalisation.h"
#include "dne/nn/run_check.h"
#include "dne/nn/stage.h"
#include "dne/nn/virtual_batch.h"

namespace dne {
namespace {

using nn::DenseLayer;
using nn::LayerChange;
using nn::LayerWeights;
using nn::MapChange;
using nn::Plane;
using nn::Size;
using nn::Stage;

// Where a lane keeps the input of a stage (or the outputs): floats, flags and, of a dense or
// recurrent layer, its partial sums. A recurrent layer's state is its output, which is the input of
// the stage behind it, and of an LSTM its memory.
struct Place {
  size_t x = 0;
  size_t changed = 0;
  size_t partials = 0;
  size_t state_partial = 0;
  size_t memory = 0;
};

struct Lane {
  bool fresh = true;  // has seen nothing: everything counts as changed
  FloatBuffer floats;
  std::vector<uint8_t> changed;
  std::vector<uint8_t> observation;  // the last one
  std::vector<LayerChange> changes;  // of a member of low rank: one a layer; else empty

  float* at(size_t offset) { return floats.values().data() + offset; }
  Plane PlaneAt(const Place& place) { return {at(place.x), changed.data() + place.changed}; }
};

class IncrementalForward final : public Forward {
 public:
  IncrementalForward(const Network& network, Isa isa, int num_lanes);

  void SetReferenceBatch(std::span<const uint8_t> observations) override;
  void SetParameters(std::span<const float> parameters) override;
  void SetChange(int lane, const LowRankChange* change) override;
  void ForgetLane(int lane) override;
  void Run(std::span<const int> lanes, std::span<const uint8_t> observations,
           std::span<float> outputs) override;
  void Run(std::span<const int> lanes, std::span<const float> observations,
           std::span<float> outputs) override;

 private:
  void PlaceInputs();
  void PlaceSums(const Stage& stage, Place& place);
  void NormaliseLayer(size_t index);
  void Observe(Lane& lane, const uint8_t* observation);
  void Observe(Lane& lane, const float* observation);
  std::span<const float> WeightsAhead(size_t index) const;
  void RunSpatial(size_t index, Lane& lane);
  void MoveWindow(size_t index, Lane& lane);
  DenseLayer InLane(DenseLayer layer, const MapChange& change, const float* input);
  DenseLayer InputMapIn(size_t index, Lane& lane);
  void Average(size_t index, Lane& lane);
  void ListJobs(size_t index, std::span<const int> lanes);
  void Multiply(size_t index, std::span<const int> lanes);
  void Recur(size_t index, std::span<const int> lanes);
  void StepState(size_t index, Lane& lane);
  template <class T>
  void RunAll(std::span<const int> lanes, std::span<const T> observations,
              std::span<float> outputs);

  const Network& network_;
  nn::Kernels kernels_;
  std::vector<Stage> stages_;
  std::vector<Place> places_;  // one a stage, then the outputs
  size_t num_spatial_ = 0;     // convolutions and pooling, which come first
  size_t num_floats_ = 0;
  size_t num_flags_ = 0;
  nn::Scratch scratch_;
  std::optional<nn::VirtualBatch> reference_batch_;
  std::vector<LayerWeights> weights_;  // one a layer
  std::vector<LayerWeights> state_weights_;
  std::vector<nn::OwnWeights> own_;
  std::vector<nn::OwnWeights> state_own_;
  FloatBuffer gates_;  // of one lane in one recurrent layer
  FloatBuffer state_sums_;
  std::vector<float> h_;  // of one map of one lane
  bool has_parameters_ = false;
  std::vector<Lane> lanes_;
  bool backwards_ = false;
};

IncrementalForward::IncrementalForward(const Network& network, Isa isa, int num_lanes)
    : network_(network),
      kernels_(nn::KernelsFor(isa)),
      stages_(nn::PlaceStages(network)),
      scratch_(stages_),
      weights_(stages_.size()),
      state_weights_(stages_.size()),
      own_(stages_.size()),
      state_own_(stages_.size()) {
  PlaceInputs();
  const size_t bytes = TakesBytes(network) ? network.input().size() : 0;
  for (int i = 0; i < num_lanes; ++i) {
    lanes_.push_back({.floats = nn::ZeroFloats(num_floats_),
                      .changed = std::vector<uint8_t>(num_flags_),
                      .observation = std::vector<uint8_t>(bytes),
                      .changes = {}});
  }
}

void IncrementalForward::PlaceInputs() {
  size_t most_gates = 0;
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    places_.push_back({.x = num_floats_, .changed = num_flags_});
    num_floats_ += stage.num_floats();
    num_flags_ += stage.num_flags();
    if (stage.has_window() || stage.averages()) {
      ++num_spatial_;
    } else {
      PlaceSums(stage, places_.back());
    }
    const Layer& layer = *stage.layer;
    own_[i] = nn::MakeOwnWeights(stage, layer.map, network_.weights(), layer.normalised);
    state_own_[i] = nn::MakeOwnWeights(stage, layer.state_map, network_.weights(), false);
    if (stage.is_recurrent()) most_gates = std::max(most_gates, stage.row_stride);
  }
  gates_ = nn::ZeroFloats(most_gates);
  state_sums_ = nn::ZeroFloats(most_gates);
  places_.push_back({.x = num_floats_, .changed = num_flags_});
  num_floats_ += stages_.back().row_stride;
  num_flags_ += 1;
}

void IncrementalForward::PlaceSums(const Stage& stage, Place& place) {
  place.partials = num_floats_;
  num_floats_ += stage.positions() * stage.row_stride;
  if (!stage.is_recurrent()) return;
  place.state_partial = num_floats_;
  place.memory = place.state_partial + stage.row_stride;
  num_floats_ = place.memory + nn::RoundUp(stage.units(), nn::kPad);
}

void IncrementalForward::SetReferenceBatch(std::span<const uint8_t> observations) {
  CheckReferenceBatch(network_, observations.size());
  reference_batch_.emplace(stages_, kernels_, scratch_, observations);
}

void IncrementalForward::SetParameters(std::span<const float> parameters) {
  CheckParameters(network_, reference_batch_.has_value(), parameters.size());
  has_parameters_ = true;
  for (Lane& lane : lanes_) {
    lane.fresh = true;
    lane.changes.clear();
  }
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    const Layer& layer = *stage.layer;
    const auto of = [&](const AffineMap& map, nn::OwnWeights& own) {
      return nn::WeightsOf(stage, map, parameters, network_.weights(), kernels_, own);
    };
    weights_[i] = of(layer.map, own_[i]);
    state_weights_[i] = of(layer.state_map, state_own_[i]);
    if (layer.normalised) NormaliseLayer(i);
  }
}

// Puts what the layer is on the reference batch in its place.
void IncrementalForward::NormaliseLayer(size_t index) {
  const Stage& stage = stages_[index];
  LayerWeights& weights = weights_[index];
  const Normalisation normalisation =
      reference_batch_->Normalise(index, weights, {weights.biases, stage.columns()});
  const size_t rows = stage.layer->map.inputs;
  float* folded = own_[index].floats.values().data();
  FoldWeights(normalisation, stage.units(), weights.weights, folded, rows, stage.row_stride);
  std::ranges::copy(normalisation.shift, folded + rows * stage.row_stride);
  weights = {.weights = folded,
             .biases = folded + rows * stage.row_stride,
             .skip_zeros = nn::MaySkipZeros(*stage.layer, {folded, rows * stage.row_stride})};
}

void IncrementalForward::SetChange(int number, const LowRankChange* change) {
  DNE_CHECK(number >= 0 && Size(number) < lanes_.size() && has_parameters_);
  Lane& lane = lanes_[Size(number)];
  lane.fresh = true;
  lane.changes.clear();
  if (change) lane.changes = nn::ChangesOf(network_, *change);
  h_.resize(std::max(h_.size(), change ? change->rank : 0));
}

void IncrementalForward::ForgetLane(int lane) {
  DNE_CHECK(lane >= 0 && Size(lane) < lanes_.size());
  lanes_[Size(lane)].fresh = true;
}

void IncrementalForward::Observe(Lane& lane, const uint8_t* observation) {
  nn::ObserveImage(kernels_, stages_.front(), observation, lane.observation.data(), lane.fresh,
                   lane.PlaneAt(places_.front()));
}

void IncrementalForward::Observe(Lane& lane, const float* observation) {
  const Plane in = lane.PlaneAt(places_.front());
  const size_t bytes = stages_.front().channels() * sizeof(float);
  *in.changed = std::memcmp(in.x, observation, bytes) != 0;
  std::memcpy(in.x, observation, bytes);
}

std::span<const float> IncrementalForward::WeightsAhead(size_t index) const {
  if (!stages_[index].convolves()) return {};  // a dense layer reads only some of its rows
  return {weights_[index].weights, stages_[index].layer->map.inputs * stages_[index].row_stride};
}

void IncrementalForward::RunSpatial(size_t index, Lane& lane) {
  stages_[index].has_window() ? MoveWindow(index, lane) : Average(index, lane);
}

void IncrementalForward::MoveWindow(size_t index, Lane& lane) {
  const Stage& stage = stages_[index];
  nn::FindPositions(stage, lane.PlaneAt(places_[index]), stages_[index + 1],
                    lane.PlaneAt(places_[index + 1]), lane.fresh, scratch_);
  if (!stage.convolves()) {
    return kernels_.take_largest(nn::MaxPoolingOf(stage), scratch_.positions);
  }
  nn::Convolution convolution = nn::ConvolutionOf(stage, weights_[index]);
  convolution.ahead = WeightsAhead(index + 1);
  if (!lane.changes.empty()) {
    convolution.change = &lane.changes[index].map;
    convolution.biases = convolution.change->biases;
  }
  kernels_.convolve(convolution, scratch_.positions, scratch_.taps);
}

// Flags compare with the image that was averaged last, of whichever episode or policy: a fresh lane
// needs nothing more.
void IncrementalForward::Average(size_t index, Lane& lane) {
  const Stage& stage = stages_[index];
  const Plane in = lane.PlaneAt(places_[index]);
  const Plane out = lane.PlaneAt(places_[index + 1]);
  const std::span flags(in.changed, stage.num_flags());
  *out.changed = std::ranges::any_of(flags, [](uint8_t flag) { return flag != 0; });
  if (*out.changed == 0) return;
  kernels_.average({.input = in.x,
                    .positions = stage.positions(),
                    .channels = stage.channels(),
                    .output = out.x});
}

// Position by position, and in each lane by lane, so that all lanes read a position's weights
// while they are in the cache. Every other pass runs backwards: it starts with the weights that
// the last one read at its end.
void IncrementalForward::ListJobs(size_t index, std::span<const int> lanes) {
  const Stage& stage = stages_[index];
  const Place& place = places_[index];
  const size_t num_positions = stage.positions();
  scratch_.jobs.clear();
  for (size_t i = 0; i < num_positions; ++i) {
    const size_t p = backwards_ ? num_positions - 1 - i : i;
    for (int number : lanes) {
      Lane& lane = lanes_[Size(number)];
      const Plane in = lane.PlaneAt(place);
      if (!lane.fresh && in.changed[p] == 0) continue;
      scratch_.jobs.push_back({.input = in.x + p * stage.channels(),
                               .position = p,
                               .partial = lane.at(place.partials + p * stage.row_stride)});
    }
  }
}

// As the lane's member adds up its sums; writes h_.
DenseLayer IncrementalForward::InLane(DenseLayer layer, const MapChange& change,
                                      const float* input) {
  kernels_.project({.change = &change, .rows = 1, .run = change.inputs, .pitch = 0}, input,
                   h_.data());
  layer.biases = change.biases;
  layer.change = &change;
  layer.h = h_.data();
  return layer;
}

// The same of what a dense or recurrent layer makes of its input.
DenseLayer IncrementalForward::InputMapIn(size_t index, Lane& lane) {
  const DenseLayer layer = stages_[index].is_recurrent()
                               ? nn::InputMapOf(stages_[index], weights_[index])
                               : nn::DenseLayerOf(stages_[index], weights_[index]);
  if (lane.changes.empty()) return layer;
  return InLane(layer, lane.changes[index].map, lane.at(places_[index].x));
}

void IncrementalForward::Multiply(size_t index, std::span<const int> lanes) {
  const std::optional<size_t>& skip_from = stages_[index].layer->skip_from;
  ListJobs(index, lanes);
  kernels_.multiply(nn::DenseLayerOf(stages_[index], weights_[index]), scratch_.jobs,
                    scratch_.rows);
  for (int number : lanes) {
    Lane& lane = lanes_[Size(number)];
    const DenseLayer layer = InputMapIn(index, lane);
    const Plane out = lane.PlaneAt(places_[index + 1]);
    const float* skipped = skip_from ? lane.at(places_[*skip_from + 1].x) : nullptr;
    *out.changed = kernels_.add_up(layer, lane.at(places_[index].partials), skipped, out.x);
  }
}

// The sums over the input are a dense layer's; those over the state, which always moves, are made
// anew.
void IncrementalForward::Recur(size_t index, std::span<const int> lanes) {
  ListJobs(index, lanes);
  kernels_.multiply(nn::InputMapOf(stages_[index], weights_[index]), scratch_.jobs, scratch_.rows);
  scratch_.jobs.clear();
  for (int number : lanes) {
    Lane& lane = lanes_[Size(number)];
    if (lane.fresh) {
      std::fill_n(lane.at(places_[index + 1].x), stages_[index].units(), 0.0f);
      std::fill_n(lane.at(places_[index].memory), stages_[index].units(), 0.0f);
    }
    scratch_.jobs.push_back({.input = lane.at(places_[index + 1].x),
                             .position = 0,
                             .partial = lane.at(places_[index].state_partial)});
  }
  kernels_.multiply(nn::StateMapOf(stages_[index], state_weights_[index]), scratch_.jobs,
                    scratch_.rows);
  for (int number : lanes) StepState(index, lanes_[Size(number)]);
}

void IncrementalForward::StepState(size_t index, Lane& lane) {
  const Stage& stage = stages_[index];
  const Place& place = places_[index];
  const Plane out = lane.PlaneAt(places_[index + 1]);
  float* gates = gates_.values().data();
  float* state_sums = state_sums_.values().data();
  kernels_.add_up(InputMapIn(index, lane), lane.at(place.partials), nullptr, gates);
  DenseLayer state_map = nn::StateMapOf(stage, state_weights_[index]);
  if (!lane.changes.empty()) state_map = InLane(state_map, lane.changes[index].state_map, out.x);
  kernels_.add_up(state_map, lane.at(place.state_partial), nullptr, state_sums);
  kernels_.step_cell({.type = stage.layer->spec.type,
                      .units = stage.units(),
                      .gates = gates,
                      .state_sums = state_sums,
                      .last_output = out.x,
                      .output = out.x,
                      .last_memory = lane.at(place.memory),
                      .memory = lane.at(place.memory)});
  *out.changed = 1;
}

template <class T>
void IncrementalForward::RunAll(std::span<const int> lanes, std::span<const T> observations,
                                std::span<float> outputs) {
  CheckRun(network_, has_parameters_, static_cast<int>(lanes_.size()), lanes, observations.size(),
           outputs.size());
  for (size_t i = 0; i < lanes.size(); ++i) {
    Lane& lane = lanes_[Size(lanes[i])];
    Observe(lane, observations.data() + i * network_.input().size());
    for (size_t k = 0; k < num_spatial_; ++k) RunSpatial(k, lane);
  }
  for (size_t k = num_spatial_; k < stages_.size(); ++k) {
    stages_[k].is_recurrent() ? Recur(k, lanes) : Multiply(k, lanes);
  }
  backwards_ = !backwards_;
  const size_t num_outputs = Size(network_.num_outputs());
  for (size_t i = 0; i < lanes.size(); ++i) {
    Lane& lane = lanes_[Size(lanes[i])];
    lane.fresh = false;
    std::copy_n(lane.at(places_.back().x), num_outputs, outputs.data() + i * num_outputs);
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
