// SPDX-License-Identifier: MIT
// Layers with a state, pooling and skips: every code path against the plain reference bit for bit,
// and all of them against doubles.
#include <gtest/gtest.h>

#include <string>

#include "dne/base/error.h"
#include "dne/nn/forward.h"
#include "tests/nn/forward_checks.h"
#include "tests/nn/plain_network.h"

namespace dne {
namespace {

class GraphPath : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(All, GraphPath, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

constexpr LayerSpec kPool{.type = LayerType::kAveragePool};

TEST_P(GraphPath, IsTheReferenceOnRandomGraphs) {
  for (uint32_t item = 0; item < 60; ++item) {
    const Network network = RandomGraph(item);
    ExpectSameOnScene(network, RandomParameters(network, item), GetParam(), item, 12,
                      "graph " + std::to_string(item));
  }
}

TEST_P(GraphPath, IsTheReferenceWithOddParameters) {
  for (uint32_t item = 0; item < 40; ++item) {
    ExpectSameWithOddParameters(RandomGraph(item), item, GetParam());
  }
}

TEST_P(GraphPath, KeepsTheStatesOfLanesApart) {
  for (LayerType type : {LayerType::kRnn, LayerType::kGru, LayerType::kLstm}) {
    const Network network(
        {.hidden = {{LayerType::kConv2d, 3, 4, 3, Padding::kSame, Activation::kSelu},
                    kPool,
                    {.type = type, .units = 17},
                    {.type = type, .units = 20}}},
        {20, 17, 2}, 3);
    for (int batch : {1, 3, 8}) ExpectSameOnLanes(network, GetParam(), batch, 30);
  }
}

// Vectors that change, stand still and change in part.
void ExpectSameOnVectors(const Network& network, Isa isa, uint32_t item) {
  Comparison<float> comparison(network, isa, 2);
  const std::vector<float> parameters = RandomParameters(network, item);
  comparison.SetParameters(parameters);
  std::vector<float> input(2 * network.input().size());
  Stream random = Random(item);
  const int lanes[] = {1, 0};
  for (int step = 0; step < 20; ++step) {
    for (float& x : input) {
      if (step % 4 == 3 || random.Below(3) != 0) continue;
      x = random.Below(4) == 0 ? 0.0f : random.NextFloat() * 4 - 2;
    }
    ASSERT_EQ(comparison.Run(lanes, std::span<const float>(input)), -1) << "step " << step;
    if (step % 7 == 5) comparison.ForgetLane(step % 2);
  }
}

TEST_P(GraphPath, IsTheReferenceWithSkips) {
  for (Activation activation : {Activation::kTanh, Activation::kSelu, Activation::kSigmoid,
                                Activation::kRelu, Activation::kLinear}) {
    for (int units : {8, 13, 48}) {
      const Network network({.hidden = {{.units = units, .activation = activation, .repeat = 21}},
                             .output_activation = activation,
                             .skip_every = 4},
                            {1, 1, 11}, 2);
      ExpectSameOnVectors(network, GetParam(), static_cast<uint32_t>(units));
    }
  }
}

TEST_P(GraphPath, IsTheReferenceOnVectorsWithAState) {
  for (LayerType type : {LayerType::kRnn, LayerType::kGru, LayerType::kLstm}) {
    for (int units : {1, 16, 33}) {
      const Network network({.hidden = {{.type = type, .units = units, .repeat = 3}}}, {1, 1, 7},
                            2);
      ExpectSameOnVectors(network, GetParam(), static_cast<uint32_t>(units));
    }
  }
}

// The layer after the one with the state: what it hands on when the episode begins anew.
TEST_P(GraphPath, BeginsEachEpisodeAndEachPolicyWithTheZeroState) {
  const Network network({.hidden = {{.type = LayerType::kLstm, .units = 5}}}, {1, 1, 2}, 3);
  const std::vector<float> parameters = RandomParameters(network, 1);
  auto forward = MakeForward(network, GetParam(), 1);
  forward->SetParameters(parameters);
  const std::vector<float> input = {0.5f, -1};
  const int lane[] = {0};
  const auto run = [&] {
    std::vector<float> outputs(3);
    forward->Run(lane, input, outputs);
    return outputs;
  };
  const std::vector<float> first = run();
  const std::vector<float> second = run();
  EXPECT_NE(first, second);
  forward->ForgetLane(0);
  EXPECT_EQ(run(), first);
  EXPECT_EQ(run(), second);
  forward->SetParameters(parameters);
  EXPECT_EQ(run(), first);
}

TEST_P(GraphPath, IsWhatDoublesSay) {
  for (uint32_t item = 0; item < 20; ++item) {
    const Network network = RandomGraph(item);
    const std::vector<float> parameters = RandomParameters(network, item);
    PlainNetwork plain(network, {parameters.begin(), parameters.end()});
    auto forward = MakeForward(network, GetParam(), 1);
    forward->SetParameters(parameters);
    Scene scene(network.input(), item);
    const int lane[] = {0};
    std::vector<float> outputs(Size(network.num_outputs()));
    for (int step = 0; step < 6; ++step) {
      const auto& frame = scene.Step();
      Doubles input(frame.begin(), frame.end());
      for (double& x : input) x /= 255;
      forward->Run(lane, frame, outputs);
      const Doubles expected = plain.Step(input);
      for (size_t k = 0; k < outputs.size(); ++k) {
        ASSERT_NEAR(outputs[k], expected[k], 2e-5 * std::max(1.0, std::abs(expected[k])))
            << "graph " << item << ", step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace dne
