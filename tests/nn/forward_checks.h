// SPDX-License-Identifier: MIT
// What the tests of the forward pass share: scenes, random networks, and a code path held against
// the plain reference.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dne/nn/forward.h"
#include "dne/random/normal.h"
#include "dne/random/stream.h"

namespace dne {

inline constexpr Shape kAtari{84, 84, 4};

inline Stream Random(uint32_t item) { return Stream({.seed = 99, .item = item}); }

inline size_t Size(int n) { return static_cast<size_t>(n); }

// Everything random, biases too, which a founder has not.
inline std::vector<float> RandomParameters(const Network& network, uint32_t item) {
  std::vector<float> parameters(network.num_parameters());
  network.Initialise({.seed = 4, .item = item}, parameters, BestIsa());
  Stream random = Random(item);
  for (const Layer& layer : network.layers()) {
    for (const AffineMap& map : layer.maps()) {
      for (size_t j = 0; j < map.outputs; ++j) {
        parameters[map.biases + j] = random.NextFloat() * 0.2f - 0.1f;
      }
    }
  }
  return parameters;
}

// Of a member of low rank. What lies behind its numbers is not a number.
inline LowRankChange RandomChange(const Network& network, uint32_t item, size_t rank) {
  size_t size = 0;
  for (const Layer& layer : network.layers()) {
    for (const AffineMap& map : layer.maps()) {
      size += NumbersOfMatrix(rank, map.inputs, map.outputs);
    }
  }
  LowRankChange change{.rank = rank, .scale = item % 2 == 0 ? 0.03f : -0.03f, .numbers = {}};
  change.numbers.resize(size);
  FillNormal({.seed = 5, .item = item}, 0, change.numbers, BestIsa());
  change.numbers.resize(size + LowRankChange::kSlack, std::numeric_limits<float>::quiet_NaN());
  return change;
}

// A stack of the last frames of a scene: sprites that move, blink and stop over a still background.
class Scene {
 public:
  Scene(Shape shape, uint32_t item) : shape_(shape), random_(Random(item)) {
    background_.resize(shape.positions());
    for (uint8_t& pixel : background_) {
      pixel = random_.Below(3) == 0 ? static_cast<uint8_t>(random_.Below(256)) : uint8_t{0};
    }
    stack_.resize(shape.size());
    for (int i = 0; i < shape.channels; ++i) Step();
  }

  const std::vector<uint8_t>& Step() {
    std::vector<uint8_t> frame = background_;
    for (Sprite& sprite : sprites_) {
      sprite.y += static_cast<int>(random_.Below(3)) - 1;
      sprite.x += random_.Below(2) ? sprite.speed : 0;
      if (random_.Below(8) != 0) Draw(sprite, frame);
    }
    const auto channels = Size(shape_.channels);
    for (size_t p = 0; p < frame.size(); ++p) {
      for (size_t c = 0; c + 1 < channels; ++c) {
        stack_[p * channels + c] = stack_[p * channels + c + 1];
      }
      stack_[p * channels + channels - 1] = frame[p];
    }
    return stack_;
  }

  // Nothing that was there before.
  const std::vector<uint8_t>& Noise() {
    for (uint8_t& byte : stack_) byte = static_cast<uint8_t>(random_.Below(256));
    return stack_;
  }

 private:
  struct Sprite {
    int y, x, speed;
    uint8_t grey;
  };

  void Draw(const Sprite& sprite, std::vector<uint8_t>& frame) const {
    for (int dy = 0; dy < 5; ++dy) {
      for (int dx = 0; dx < 7; ++dx) {
        const int y = ((sprite.y + dy) % shape_.height + shape_.height) % shape_.height;
        const int x = ((sprite.x + dx) % shape_.width + shape_.width) % shape_.width;
        frame[Size(y * shape_.width + x)] = sprite.grey;
      }
    }
  }

  Shape shape_;
  Stream random_;
  std::vector<uint8_t> background_;
  std::vector<uint8_t> stack_;
  std::array<Sprite, 3> sprites_{{{10, 3, 1, 255}, {40, 60, -2, 80}, {70, 20, 3, 0}}};
};

// Bit for bit, but any NaN is a NaN. Returns the first difference, or -1.
inline int FirstDifference(std::span<const float> a, std::span<const float> b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::bit_cast<uint32_t>(a[i]) != std::bit_cast<uint32_t>(b[i])) return static_cast<int>(i);
  }
  return -1;
}

// A path and the reference side by side.
template <class T>
class Comparison {
 public:
  Comparison(const Network& network, Isa isa, int num_lanes)
      : network_(network),
        fast_(MakeForward(network, isa, num_lanes)),
        plain_(MakeForward(network, Isa::kScalar, num_lanes)) {}

  void SetReferenceBatch(std::span<const uint8_t> observations) {
    fast_->SetReferenceBatch(observations);
    plain_->SetReferenceBatch(observations);
  }
  void SetParameters(std::span<const float> parameters) {
    fast_->SetParameters(parameters);
    plain_->SetParameters(parameters);
  }
  void SetChange(int lane, const LowRankChange* change) {
    fast_->SetChange(lane, change);
    plain_->SetChange(lane, change);
  }
  void ForgetLane(int lane) {
    fast_->ForgetLane(lane);
    plain_->ForgetLane(lane);
  }

  // The first output that differs, or -1.
  int Run(std::span<const int> lanes, std::span<const T> observations) {
    got.assign(lanes.size() * Size(network_.num_outputs()), -7.0f);
    expected.assign(got.size(), -8.0f);
    fast_->Run(lanes, observations, got);
    plain_->Run(lanes, observations, expected);
    return FirstDifference(got, expected);
  }

  std::vector<float> got;
  std::vector<float> expected;

 private:
  const Network& network_;
  std::unique_ptr<Forward> fast_;
  std::unique_ptr<Forward> plain_;
};

// One lane, `steps` frames: mostly slow change, sometimes noise and a forgotten lane.
inline void ExpectSameOnScene(const Network& network, std::span<const float> parameters, Isa isa,
                              uint32_t item, int steps, const std::string& what,
                              std::span<const uint8_t> reference_batch = {}) {
  Comparison<uint8_t> comparison(network, isa, 1);
  if (!reference_batch.empty()) comparison.SetReferenceBatch(reference_batch);
  comparison.SetParameters(parameters);
  Scene scene(network.input(), item);
  const int lane[] = {0};
  for (int step = 0; step < steps; ++step) {
    if (step % 8 == 6) comparison.ForgetLane(0);
    const auto& frame = step % 5 == 3 ? scene.Noise() : scene.Step();
    ASSERT_EQ(comparison.Run(lane, std::span<const uint8_t>(frame)), -1)
        << what << ", step " << step;
  }
}

inline LayerSpec RandomLayer(Stream& random, LayerType type) {
  constexpr Activation kActivations[] = {Activation::kRelu, Activation::kRelu, Activation::kTanh,
                                         Activation::kLinear};
  LayerSpec spec{.type = type};
  spec.units = 1 + static_cast<int>(random.Below(type == LayerType::kDense ? 150 : 40));
  if (random.Below(3) == 0) spec.units = 16 * (1 + spec.units / 16);
  spec.activation = kActivations[random.Below(4)];
  if (type == LayerType::kConv2d) {
    spec.kernel = 1 + static_cast<int>(random.Below(5));
    if (random.Below(8) == 0) spec.kernel = 9 + static_cast<int>(random.Below(3));
    spec.stride = 1 + static_cast<int>(random.Below(4));
    spec.padding = random.Below(2) ? Padding::kSame : Padding::kValid;
  }
  return spec;
}

inline LayerSpec MaxPool(int kernel, int stride) {
  return {.type = LayerType::kMaxPool, .kernel = kernel, .stride = stride};
}

// What `spec` makes of an image so far.
inline Shape ShapeBehind(const NetworkSpec& spec, Shape input) {
  return spec.hidden.empty() ? input
                             : Network(spec, input, 1).layers()[spec.hidden.size() - 1].output;
}

// Now and then behind a convolution, where there is room.
inline void MayAddMaxPool(Stream& random, Shape input, NetworkSpec& spec) {
  const Shape shape = ShapeBehind(spec, input);
  const int kernel = 1 + static_cast<int>(random.Below(3));
  const int stride = 1 + static_cast<int>(random.Below(3));
  if (random.Below(3) == 0 || kernel > std::min(shape.height, shape.width)) return;
  spec.hidden.push_back(random.Below(2) ? MaxPool(2, 2) : MaxPool(kernel, stride));
  if (spec.hidden.back().kernel > std::min(shape.height, shape.width)) spec.hidden.pop_back();
}

// Up to three convolutions, without normalisation pooling too, and two dense layers on a small
// image; `spec` says the rest.
inline Network RandomNetwork(uint32_t item, NetworkSpec spec = {}) {
  Stream random = Random(1000 + item);
  const Shape input{2 + static_cast<int>(random.Below(22)), 2 + static_cast<int>(random.Below(22)),
                    1 + static_cast<int>(random.Below(5))};
  for (uint32_t i = random.Below(4); i > 0; --i) {
    LayerSpec layer = RandomLayer(random, LayerType::kConv2d);
    const Shape shape = ShapeBehind(spec, input);
    if (layer.kernel > std::min(shape.height, shape.width)) layer.padding = Padding::kSame;
    spec.hidden.push_back(layer);
    if (!spec.virtual_batch_norm) MayAddMaxPool(random, input, spec);
  }
  for (uint32_t i = random.Below(3); i > 0; --i) {
    spec.hidden.push_back(RandomLayer(random, LayerType::kDense));
  }
  return Network(spec, input, 1 + static_cast<int>(random.Below(20)));
}

inline constexpr LayerType kFlatTypes[] = {LayerType::kDense, LayerType::kRnn, LayerType::kGru,
                                           LayerType::kLstm};

inline Activation AnyActivation(Stream& random) { return static_cast<Activation>(random.Below(5)); }

// Up to two convolutions, perhaps with pooling of both kinds, up to four layers with and without a
// state.
inline Network RandomGraph(uint32_t item, WeightType weights = WeightType::kFloat32) {
  Stream random = Random(5000 + item);
  const auto draw = [&](uint32_t most) { return 1 + static_cast<int>(random.Below(most)); };
  const Shape input{1 + draw(15), 1 + draw(15), draw(4)};
  NetworkSpec spec{.output_activation = AnyActivation(random), .weights = weights};
  for (uint32_t i = random.Below(3); i > 0; --i) {
    spec.hidden.push_back(
        {LayerType::kConv2d, draw(20), draw(4), draw(3), Padding::kSame, AnyActivation(random)});
    MayAddMaxPool(random, input, spec);
  }
  if (random.Below(2)) spec.hidden.push_back({.type = LayerType::kAveragePool});
  for (uint32_t i = random.Below(4); i > 0; --i) {
    spec.hidden.push_back({.type = kFlatTypes[random.Below(4)],
                           .units = draw(40),
                           .activation = AnyActivation(random),
                           .repeat = draw(2)});
  }
  return Network(spec, input, draw(20));
}

// Kinds of parameters that rounding, zeros and comparisons could trip over.
inline float OddValue(Stream& random) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kValues[] = {
      -0.0f, 0.0f,   1e-42f, -3e-45f, 1e-30f,
      3e38f, -3e38f, kInf,   -kInf,   std::numeric_limits<float>::quiet_NaN()};
  return kValues[random.Below(std::size(kValues))];
}

// Of which a single one to a tenth are odd.
inline std::vector<float> OddParameters(const Network& network, uint32_t item) {
  std::vector<float> parameters = RandomParameters(network, item);
  Stream random = Random(item);
  const uint32_t one_in = item % 4 == 0 ? 10 : static_cast<uint32_t>(parameters.size()) / 3 + 1;
  for (float& parameter : parameters) {
    if (random.Below(one_in) == 0) parameter = OddValue(random);
  }
  return parameters;
}

inline void ExpectSameWithOddParameters(const Network& network, uint32_t item, Isa isa) {
  ExpectSameOnScene(network, OddParameters(network, item), isa, item, 8,
                    "odd " + std::to_string(item));
}

// Lanes come and go, forget, and parameters change midway.
inline void ExpectSameOnLanes(const Network& network, Isa isa, int num_lanes, int steps,
                              std::span<const uint8_t> reference_batch = {}) {
  Comparison<uint8_t> comparison(network, isa, num_lanes);
  if (!reference_batch.empty()) comparison.SetReferenceBatch(reference_batch);
  std::vector<Scene> scenes;
  for (int i = 0; i < num_lanes; ++i) {
    scenes.emplace_back(network.input(), static_cast<uint32_t>(i));
  }
  Stream random = Random(77);
  std::vector<float> parameters;
  for (int step = 0; step < steps; ++step) {
    if (step % 7 == 0) {
      parameters = RandomParameters(network, static_cast<uint32_t>(step));
      comparison.SetParameters(parameters);
    }
    std::vector<int> lanes;
    std::vector<uint8_t> observations;
    for (int i = num_lanes - 1; i >= 0; --i) {
      if (num_lanes > 1 && random.Below(3) == 0) continue;
      lanes.push_back(i);
      const auto& frame = scenes[Size(i)].Step();
      observations.insert(observations.end(), frame.begin(), frame.end());
    }
    ASSERT_EQ(comparison.Run(lanes, std::span<const uint8_t>(observations)), -1)
        << "batch " << num_lanes << ", step " << step;
    if (step % 5 == 4) comparison.ForgetLane(step % num_lanes);
  }
}

}  // namespace dne
