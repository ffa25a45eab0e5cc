// SPDX-License-Identifier: MIT
// Virtual batch normalisation: what it means, and every code path against the plain reference.
#include <gtest/gtest.h>

#include <string>

#include "dne/base/error.h"
#include "dne/nn/reference.h"
#include "tests/nn/forward_checks.h"

namespace dne {
namespace {

// Frames of a scene, some of them the same as the one before or nothing like it.
std::vector<uint8_t> ReferenceBatch(Shape shape, uint32_t item, uint32_t size) {
  Scene scene(shape, item);
  std::vector<uint8_t> batch;
  std::vector<uint8_t> frame = scene.Step();
  for (uint32_t i = 0; i < size; ++i) {
    batch.insert(batch.end(), frame.begin(), frame.end());
    if (i % 4 != 1) frame = i % 7 == 3 ? scene.Noise() : scene.Step();
  }
  return batch;
}

std::vector<float> Evaluate(Forward& forward, const Network& network,
                            std::span<const uint8_t> observation) {
  const int lane[] = {0};
  std::vector<float> outputs(Size(network.num_outputs()));
  forward.Run(lane, observation, outputs);
  return outputs;
}

Network SmallNetwork(bool virtual_batch_norm) {
  return Network({.hidden = {{LayerType::kConv2d, 16, 4, 2, Padding::kSame, Activation::kRelu},
                             {LayerType::kConv2d, 5, 3, 1, Padding::kValid, Activation::kRelu},
                             {.units = 40}},
                  .virtual_batch_norm = virtual_batch_norm},
                 {20, 17, 4}, 6);
}

class VirtualBatchNorm : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(All, VirtualBatchNorm, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

TEST_P(VirtualBatchNorm, IsTheReferenceOnOddArchitectures) {
  for (uint32_t item = 0; item < 60; ++item) {
    const Network network = RandomNetwork(item, {.virtual_batch_norm = true});
    ExpectSameOnScene(network, RandomParameters(network, item), GetParam(), item, 8,
                      "network " + std::to_string(item),
                      ReferenceBatch(network.input(), item + 7, 1 + item % 9));
  }
}

TEST_P(VirtualBatchNorm, IsTheReferenceWithOddParameters) {
  for (uint32_t item = 0; item < 60; ++item) {
    const Network network = RandomNetwork(item, {.virtual_batch_norm = true});
    std::vector<float> parameters = RandomParameters(network, item);
    Stream random = Random(item);
    const uint32_t one_in = item % 4 == 0 ? 10 : static_cast<uint32_t>(parameters.size()) / 3 + 1;
    for (float& parameter : parameters) {
      if (random.Below(one_in) == 0) parameter = OddValue(random);
    }
    ExpectSameOnScene(network, parameters, GetParam(), item, 6, "odd " + std::to_string(item),
                      ReferenceBatch(network.input(), item + 7, 5));
  }
}

TEST_P(VirtualBatchNorm, IsTheReferenceOnThePresetsOfThePapers) {
  for (const std::string name : {"uber_small", "nature_dqn"}) {
    NetworkSpec spec = NetworkPreset(name);
    spec.virtual_batch_norm = true;
    const Network network(spec, kAtari, 18);
    ExpectSameOnScene(network, RandomParameters(network, 1), GetParam(), 2, 6, name,
                      ReferenceBatch(kAtari, 3, 6));
  }
}

TEST_P(VirtualBatchNorm, IsTheReferenceInLanesAndAfterNewParameters) {
  const Network network = SmallNetwork(true);
  const std::vector<uint8_t> batch = ReferenceBatch(network.input(), 5, 12);
  for (int lanes : {1, 3}) ExpectSameOnLanes(network, GetParam(), lanes, 30, batch);
}

TEST_P(VirtualBatchNorm, IsAPlainNetworkOfTheFoldedParameters) {
  const Network network = SmallNetwork(true);
  const Network plain = SmallNetwork(false);
  const std::vector<float> parameters = RandomParameters(network, 3);
  const std::vector<uint8_t> batch = ReferenceBatch(network.input(), 5, 12);
  const std::vector<float> folded = FoldReferenceBatch(network, parameters, batch);
  const auto expected = MakeForward(network, GetParam(), 1);
  expected->SetReferenceBatch(batch);
  expected->SetParameters(parameters);
  const auto forward = MakeForward(plain, GetParam(), 1);
  forward->SetParameters(folded);
  Scene scene(network.input(), 8);
  for (int step = 0; step < 5; ++step) {
    const std::vector<uint8_t> frame = scene.Step();
    EXPECT_EQ(Evaluate(*forward, plain, frame), Evaluate(*expected, network, frame));
  }
}

// The last hidden layer, before any activation, on each observation of its reference batch.
std::vector<std::vector<float>> LastHiddenLayer(std::vector<LayerSpec> hidden, float weight_scale,
                                                Isa isa, std::vector<float>* biases) {
  constexpr Shape kInput{9, 8, 2};
  hidden.back().activation = Activation::kLinear;
  const auto size =
      static_cast<int>(Network({.hidden = hidden}, kInput, 1).layers().back().input.size());
  const Network network({.hidden = hidden, .virtual_batch_norm = true}, kInput, size);
  std::vector<float> parameters = RandomParameters(network, 8);
  const Layer& last = network.layers()[hidden.size() - 1];
  for (size_t i = last.map.weights; i < last.map.biases; ++i) parameters[i] *= weight_scale;
  biases->assign(&parameters[last.map.biases], &parameters[last.map.biases] + last.spec.units);
  const Layer& output = network.layers().back();
  std::fill(parameters.begin() + static_cast<ptrdiff_t>(output.map.weights), parameters.end(),
            0.0f);
  for (size_t i = 0; i < Size(size); ++i) parameters[output.map.weights + i * Size(size) + i] = 1;
  const std::vector<uint8_t> batch = ReferenceBatch(kInput, 6, 32);
  auto forward = MakeForward(network, isa, 1);
  forward->SetReferenceBatch(batch);
  forward->SetParameters(parameters);
  std::vector<std::vector<float>> values;
  for (size_t i = 0; i < batch.size(); i += kInput.size()) {
    values.push_back(Evaluate(*forward, network, std::span(batch).subspan(i, kInput.size())));
  }
  return values;
}

TEST_P(VirtualBatchNorm, GivesEachChannelItsBiasAsMeanAndVarianceOneOnTheReferenceBatch) {
  const LayerSpec conv{LayerType::kConv2d, 5, 3, 2, Padding::kSame, Activation::kRelu};
  const LayerSpec tanh_conv{LayerType::kConv2d, 18, 2, 1, Padding::kValid, Activation::kTanh};
  const LayerSpec dense{.units = 21};
  const std::vector<std::vector<LayerSpec>> cases = {
      {conv}, {dense}, {conv, tanh_conv}, {conv, dense}, {tanh_conv, dense, dense}};
  for (const std::vector<LayerSpec>& hidden : cases) {
    std::vector<float> biases;
    const auto batch = LastHiddenLayer(hidden, 3.0f, GetParam(), &biases);
    const size_t channels = biases.size();
    const auto samples = static_cast<double>(batch.size() * batch[0].size() / channels);
    for (size_t c = 0; c < channels; ++c) {
      double sum = 0;
      double squares = 0;
      for (const std::vector<float>& values : batch) {
        for (size_t i = c; i < values.size(); i += channels) {
          sum += double{values[i]};
          squares += double{values[i]} * double{values[i]};
        }
      }
      const double mean = sum / samples;
      EXPECT_NEAR(mean, double{biases[c]}, 1e-5) << hidden.size() << " layers, channel " << c;
      EXPECT_NEAR(squares / samples - mean * mean, 1.0, 0.02)
          << hidden.size() << " layers, channel " << c;
    }
  }
}

TEST_P(VirtualBatchNorm, MakesAChannelThatIsAlwaysTheSameItsBias) {
  std::vector<float> biases;
  for (const auto& values : LastHiddenLayer({{.units = 4}}, 0.0f, GetParam(), &biases)) {
    EXPECT_EQ(values, biases);
  }
}

TEST_P(VirtualBatchNorm, AddsAThousandthToTheVariance) {
  // One pixel of 0 and 255 in turn and a weight of 0.1: variance 0.0025, so values of
  // 0.05 / sqrt(0.0035) on both sides of the mean.
  const Network network(
      {.hidden = {{.units = 1, .activation = Activation::kLinear}}, .virtual_batch_norm = true},
      {1, 2, 1}, 1);
  const std::vector<float> parameters = {0.1f, 0, 0.5f, 1, 0};
  const std::vector<uint8_t> batch = {0, 9, 255, 9};
  auto forward = MakeForward(network, GetParam(), 1);
  forward->SetReferenceBatch(batch);
  forward->SetParameters(parameters);
  const auto observation = std::span(batch);
  EXPECT_NEAR(Evaluate(*forward, network, observation.first(2))[0], 0.5 - 0.845154, 1e-5);
  EXPECT_NEAR(Evaluate(*forward, network, observation.last(2))[0], 0.5 + 0.845154, 1e-5);
}

TEST_P(VirtualBatchNorm, LeavesTheOutputLayerAlone) {
  const Shape shape{4, 5, 3};
  const Network plain({}, shape, 7);
  const Network normalised({.virtual_batch_norm = true}, shape, 7);
  const std::vector<float> parameters = RandomParameters(plain, 2);
  const std::vector<uint8_t> batch = ReferenceBatch(shape, 1, 3);
  auto plain_forward = MakeForward(plain, GetParam(), 1);
  auto forward = MakeForward(normalised, GetParam(), 1);
  plain_forward->SetParameters(parameters);
  forward->SetReferenceBatch(batch);
  forward->SetParameters(parameters);
  const auto observation = std::span(batch).first(shape.size());
  EXPECT_EQ(Evaluate(*forward, normalised, observation),
            Evaluate(*plain_forward, plain, observation));
}

TEST_P(VirtualBatchNorm, DependsOnTheReferenceBatchSetBeforeTheParameters) {
  const Network network = SmallNetwork(true);
  const std::vector<float> parameters = RandomParameters(network, 1);
  const std::vector<uint8_t> first = ReferenceBatch(network.input(), 1, 8);
  const std::vector<uint8_t> second = ReferenceBatch(network.input(), 2, 3);
  const auto observation = std::span(first).first(network.input().size());
  auto forward = MakeForward(network, GetParam(), 1);
  forward->SetReferenceBatch(first);
  forward->SetParameters(parameters);
  const std::vector<float> outputs = Evaluate(*forward, network, observation);
  forward->SetReferenceBatch(second);
  forward->ForgetLane(0);
  EXPECT_EQ(Evaluate(*forward, network, observation), outputs);
  forward->SetParameters(parameters);
  EXPECT_NE(Evaluate(*forward, network, observation), outputs);
  forward->SetReferenceBatch(first);
  forward->SetParameters(RandomParameters(network, 2));
  forward->SetParameters(parameters);
  EXPECT_EQ(Evaluate(*forward, network, observation), outputs);
}

TEST_P(VirtualBatchNorm, RefusesMissingAndUnfitReferenceBatches) {
  const Network plain = SmallNetwork(false);
  const Network network = SmallNetwork(true);
  const std::vector<float> parameters = RandomParameters(network, 1);
  const std::vector<uint8_t> batch = ReferenceBatch(network.input(), 1, 2);
  auto plain_forward = MakeForward(plain, GetParam(), 1);
  auto forward = MakeForward(network, GetParam(), 1);
  EXPECT_THROW(plain_forward->SetReferenceBatch(batch), BugError);
  EXPECT_THROW(forward->SetReferenceBatch({}), BugError);
  EXPECT_THROW(forward->SetReferenceBatch(std::span(batch).first(batch.size() - 1)), BugError);
  EXPECT_THROW(forward->SetParameters(parameters), BugError);
  forward->SetReferenceBatch(batch);
  EXPECT_NO_THROW(forward->SetParameters(parameters));
}

}  // namespace
}  // namespace dne
