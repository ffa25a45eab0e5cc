// SPDX-License-Identifier: MIT
#include "dne/nn/virtual_batch.h"

#include <algorithm>

namespace dne::nn {

VirtualBatch::VirtualBatch(std::span<const Stage> stages, const Kernels& kernels, Scratch& scratch,
                           std::span<const uint8_t> observations)
    : stages_(stages), kernels_(kernels), scratch_(scratch), observations_(observations) {
  const size_t bytes = stages.front().layer->input.size();
  size_ = observations.size() / bytes;
  observation_.resize(bytes);
  newest_.resize(size_);
  size_t widest = 0;
  size_t widest_dense = 0;
  for (const Stage& stage : stages) {
    const bool one = inputs_.empty() && stage.convolves();
    const size_t planes = one ? 1 : size_;
    inputs_.push_back({.planes = planes,
                       .floats = stage.num_floats(),
                       .flags = stage.num_flags(),
                       .x = ZeroFloats(planes * stage.num_floats()),
                       .changed = std::vector<uint8_t>(planes * stage.num_flags() + kPad)});
    widest = std::max(widest, stage.row_stride);
    if (!stage.convolves()) widest_dense = std::max(widest_dense, stage.row_stride);
  }
  zeros_ = ZeroFloats(widest);
  partials_ = FloatBuffer(size_ * widest_dense);
}

Plane VirtualBatch::PlaneOf(size_t stage, size_t observation) {
  Input& input = inputs_[stage];
  const size_t plane = observation % input.planes;
  return {.x = input.x.values().data() + plane * input.floats,
          .changed = input.changed.data() + plane * input.flags};
}

void VirtualBatch::Observe(size_t observation) {
  const bool all = observation == 0 || inputs_.front().planes > 1;
  ObserveImage(kernels_, stages_.front(), observations_.data() + observation * observation_.size(),
               observation_.data(), all, PlaneOf(0, observation));
}

void VirtualBatch::Convolve(size_t index, const LayerWeights& weights) {
  const Stage& stage = stages_[index];
  Convolution convolution = ConvolutionOf(stage, weights);
  convolution.biases = zeros_.values().data();
  convolution.activation = Activation::kLinear;
  for (size_t i = 0; i < size_; ++i) {
    if (index == 0) Observe(i);
    const Plane out = PlaneOf(index + 1, i);
    if (i > 0) std::copy_n(PlaneOf(index + 1, i - 1).x, inputs_[index + 1].floats, out.x);
    FindPositions(stage, PlaneOf(index, i), stages_[index + 1], out, i == 0, scratch_);
    kernels_.convolve(convolution, scratch_.positions, scratch_.taps);
  }
}

// The partial sums of one position: of the observations in which it changed.
void VirtualBatch::ListJobs(size_t index, size_t position) {
  const Stage& stage = stages_[index];
  scratch_.jobs.clear();
  for (size_t i = 0; i < size_; ++i) {
    const Plane in = PlaneOf(index, i);
    if (i > 0 && in.changed[position] == 0) {
      newest_[i] = newest_[i - 1];
      continue;
    }
    newest_[i] = partials_.values().data() + i * stage.row_stride;
    scratch_.jobs.push_back(
        {.input = in.x + position * stage.channels(), .position = position, .partial = newest_[i]});
  }
}

// Position by position, so that all observations meet a position's weights in the cache.
void VirtualBatch::Multiply(size_t index, const LayerWeights& weights) {
  const Stage& stage = stages_[index];
  DenseLayer layer = DenseLayerOf(stage, weights);
  layer.activation = Activation::kLinear;
  for (size_t i = 0; i < size_; ++i) {
    if (index == 0) Observe(i);
    std::fill_n(PlaneOf(index + 1, i).x, stage.row_stride, 0.0f);
  }
  for (size_t p = 0; p < stage.positions(); ++p) {
    ListJobs(index, p);
    kernels_.multiply(layer, scratch_.jobs, scratch_.rows);
    for (size_t i = 0; i < size_; ++i) {
      float* sum = PlaneOf(index + 1, i).x;
      DenseLayer one = layer;  // adds one more partial to the sum so far
      one.biases = sum;
      one.positions = 1;
      kernels_.add_up(one, newest_[i], /*skipped=*/nullptr, sum);
    }
  }
}

std::vector<const float*> VirtualBatch::OutputRows(size_t index) {
  std::vector<const float*> rows;
  for (size_t i = 0; i < size_; ++i) {
    for (size_t y = 0; y < Size(stages_[index].layer->output.height); ++y) {
      rows.push_back(PlaneOf(index + 1, i).x + stages_[index + 1].InputAt(y, 0));
    }
  }
  return rows;
}

// Turns the layer's sums into its outputs, and flags what changed between observations.
void VirtualBatch::Apply(size_t index, const Normalisation& normalisation) {
  const Layer& layer = *stages_[index].layer;
  const Stage& next = stages_[index + 1];
  for (size_t i = 0; i < size_; ++i) {
    const Plane plane = PlaneOf(index + 1, i);
    const float* before = PlaneOf(index + 1, i > 0 ? i - 1 : 0).x;
    for (size_t y = 0; y < Size(layer.output.height); ++y) {
      kernels_.normalise_row({.before = before + next.InputAt(y, 0),
                              .x = plane.x + next.InputAt(y, 0),
                              .changed = plane.changed + next.FlagAt(y, 0),
                              .positions = Size(layer.output.width),
                              .channels = Size(layer.spec.units),
                              .scale = normalisation.scale.data(),
                              .shift = normalisation.shift.data(),
                              .activation = layer.spec.activation});
    }
  }
}

Normalisation VirtualBatch::Normalise(size_t index, const LayerWeights& weights,
                                      std::span<const float> biases) {
  if (stages_[index].convolves()) {
    Convolve(index, weights);
  } else {
    Multiply(index, weights);
  }
  const Normalisation normalisation =
      NormaliseChannels(OutputRows(index), Size(stages_[index].layer->output.width), biases);
  if (stages_[index + 1].layer->normalised) Apply(index, normalisation);
  return normalisation;
}

}  // namespace dne::nn
