// SPDX-License-Identifier: MIT
// Every code path against the plain reference, bit for bit; the reference against sums by hand.
#include "dne/nn/forward.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "dne/base/error.h"
#include "dne/nn/tanh.h"
#include "tests/nn/forward_checks.h"

namespace dne {
namespace {

class CodePath : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(All, CodePath, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

TEST_P(CodePath, IsTheReferenceOnImagePresets) {
  for (const std::string name : {"uber_large", "uber_small", "nature_dqn"}) {
    const Network network(NetworkPreset(name), kAtari, 18);
    ExpectSameOnScene(network, RandomParameters(network, 1), GetParam(), 2,
                      name == "uber_small" ? 20 : 10, name);
  }
}

TEST_P(CodePath, IsTheReferenceOnTheMlpPreset) {
  const Network network(NetworkPreset("mlp"), {1, 1, 376}, 17);
  Comparison<float> comparison(network, GetParam(), 1);
  const std::vector<float> parameters = RandomParameters(network, 1);
  comparison.SetParameters(parameters);
  std::vector<float> input(376);
  Stream random = Random(5);
  const int lane[] = {0};
  for (uint32_t step = 0; step < 20; ++step) {
    for (float& x : input) {
      if (random.Below(3) == 0) x = random.Below(4) == 0 ? 0.0f : random.NextFloat() * 20 - 10;
    }
    ASSERT_EQ(comparison.Run(lane, std::span<const float>(input)), -1) << "step " << step;
  }
}

TEST_P(CodePath, IsTheReferenceOnOddArchitectures) {
  for (uint32_t item = 0; item < 60; ++item) {
    const Network network = RandomNetwork(item);
    ExpectSameOnScene(network, RandomParameters(network, item), GetParam(), item, 12,
                      "network " + std::to_string(item));
  }
}

TEST_P(CodePath, IsTheReferenceWithOddParameters) {
  for (uint32_t item = 0; item < 40; ++item) {
    ExpectSameWithOddParameters(RandomNetwork(item), item, GetParam());
  }
}

TEST_P(CodePath, IsTheReferenceWithFiniteOddParametersAndExactZeros) {
  for (uint32_t item = 0; item < 12; ++item) {
    const Network network = RandomNetwork(item);
    std::vector<float> parameters = RandomParameters(network, item);
    Stream random = Random(item);
    constexpr float kSmall[] = {-0.0f, 0.0f, 1e-42f, -3e-45f, 1e-38f, -1e-39f};
    for (float& parameter : parameters) {
      if (random.Below(2) == 0) parameter = kSmall[random.Below(std::size(kSmall))];
    }
    ExpectSameOnScene(network, parameters, GetParam(), item, 8, "zeros " + std::to_string(item));
  }
}

TEST_P(CodePath, IsTheReferenceOnOddFloatInputs) {
  const Network network({.hidden = {{.units = 37}, {.units = 16, .activation = Activation::kTanh}}},
                        {1, 1, 21}, 5);
  Comparison<float> comparison(network, GetParam(), 1);
  const std::vector<float> parameters = RandomParameters(network, 1);
  comparison.SetParameters(parameters);
  Stream random = Random(6);
  const int lane[] = {0};
  for (int step = 0; step < 50; ++step) {
    std::vector<float> input(21, 0.5f);
    for (uint32_t i = 0; i < 3; ++i) input[random.Below(21)] = OddValue(random);
    ASSERT_EQ(comparison.Run(lane, std::span<const float>(input)), -1) << "step " << step;
  }
}

TEST_P(CodePath, IsTheReferenceInBatchesOfAnyLanes) {
  const Network small({.hidden = {{LayerType::kConv2d, 16, 4, 2, Padding::kSame, Activation::kRelu},
                                  {LayerType::kConv2d, 5, 3, 1, Padding::kValid, Activation::kRelu},
                                  {.units = 300}}},
                      {20, 17, 4}, 18);
  for (int batch : {1, 3, 8}) ExpectSameOnLanes(small, GetParam(), batch, 30);
  const Network large(NetworkPreset("uber_large"), kAtari, 18);
  for (int batch : {3, 8}) ExpectSameOnLanes(large, GetParam(), batch, 3);
}

TEST_P(CodePath, TakesParametersOfAnyAlignment) {
  const Network network(NetworkPreset("uber_small"), kAtari, 6);
  const std::vector<float> parameters = RandomParameters(network, 3);
  for (size_t shift : {1u, 3u}) {
    std::vector<float> shifted(parameters.size() + shift);
    std::copy(parameters.begin(), parameters.end(),
              shifted.begin() + static_cast<ptrdiff_t>(shift));
    ExpectSameOnScene(network, std::span<const float>(shifted).subspan(shift), GetParam(), 1, 3,
                      "shift " + std::to_string(shift));
  }
}

TEST_P(CodePath, ScalesEveryByteAsTheHeaderSays) {
  // A linear 1x1 kernel of weight 1 and a dense layer that reads one pixel.
  const Network network(
      {.hidden = {{LayerType::kConv2d, 1, 1, 1, Padding::kSame, Activation::kLinear}}}, {16, 16, 1},
      1);
  std::vector<float> parameters(network.num_parameters(), 0.0f);
  parameters[0] = 1.0f;
  auto forward = MakeForward(network, GetParam(), 1);
  std::vector<uint8_t> frame(256);
  std::iota(frame.begin(), frame.end(), uint8_t{0});
  const int lane[] = {0};
  for (size_t i = 0; i < 256; ++i) {
    const size_t first_dense_weight = network.layers()[1].map.weights;
    std::fill_n(parameters.begin() + static_cast<ptrdiff_t>(first_dense_weight), 256, 0.0f);
    parameters[first_dense_weight + i] = 1.0f;
    forward->SetParameters(parameters);
    float output = 0;
    forward->Run(lane, frame, std::span<float>(&output, 1));
    EXPECT_EQ(output, static_cast<float>(i) * (1 / 255.0f)) << "byte " << i;
  }
}

TEST_P(CodePath, ConvolvesWithTensorFlowPadding) {
  // Input 3x3 of 1..9 (bytes times 255 are not representable: weights carry the 255), kernel 2x2
  // of ones. SAME at stride 1 pads below and right only; a dense layer picks each output.
  const auto outputs = [](int kernel, int stride, Padding padding) {
    const Network network(
        {.hidden = {{LayerType::kConv2d, 1, kernel, stride, padding, Activation::kLinear}}},
        {3, 3, 1}, 9);
    const Layer& dense = network.layers()[1];
    std::vector<float> parameters(network.num_parameters(), 0.0f);
    std::fill_n(parameters.begin(), kernel * kernel, 255.0f);
    for (size_t p = 0; p < dense.input.positions(); ++p) {
      parameters[dense.map.weights + p * 9 + p] = 1.0f;
    }
    auto forward = MakeForward(network, GetParam(), 1);
    forward->SetParameters(parameters);
    const std::vector<uint8_t> frame = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const int lane[] = {0};
    std::vector<float> result(9);
    forward->Run(lane, frame, result);
    std::vector<int> rounded;
    for (size_t p = 0; p < dense.input.positions(); ++p) {
      rounded.push_back(static_cast<int>(std::lround(result[p])));
    }
    return rounded;
  };
  EXPECT_EQ(outputs(2, 1, Padding::kSame), (std::vector<int>{12, 16, 9, 24, 28, 15, 15, 17, 9}));
  EXPECT_EQ(outputs(2, 1, Padding::kValid), (std::vector<int>{12, 16, 24, 28}));
  EXPECT_EQ(outputs(3, 2, Padding::kSame), (std::vector<int>{12, 16, 24, 28}));
  EXPECT_EQ(outputs(3, 1, Padding::kSame), (std::vector<int>{12, 21, 16, 27, 45, 33, 24, 39, 28}));
  EXPECT_EQ(outputs(2, 2, Padding::kSame), (std::vector<int>{12, 9, 15, 9}));
  EXPECT_EQ(outputs(1, 2, Padding::kSame), (std::vector<int>{1, 3, 7, 9}));
}

TEST_P(CodePath, TakesTheLargestOfEachWindow) {
  // Pixels of 1 to 12, 4 wide; a dense layer picks each output.
  const auto outputs = [](int kernel, int stride) {
    const Network network({.hidden = {MaxPool(kernel, stride)}}, {3, 4, 1}, 6);
    const Layer& dense = network.layers()[1];
    std::vector<float> parameters(network.num_parameters(), 0.0f);
    for (size_t p = 0; p < dense.input.positions(); ++p) {
      parameters[dense.map.weights + p * 6 + p] = 255.0f;
    }
    auto forward = MakeForward(network, GetParam(), 1);
    forward->SetParameters(parameters);
    const std::vector<uint8_t> frame = {1, 2, 3, 4, 8, 7, 6, 5, 9, 10, 12, 11};
    const int lane[] = {0};
    std::vector<float> result(6);
    forward->Run(lane, frame, result);
    std::vector<int> rounded;
    for (size_t p = 0; p < dense.input.positions(); ++p) {
      rounded.push_back(static_cast<int>(std::lround(result[p])));
    }
    return rounded;
  };
  EXPECT_EQ(outputs(2, 2), (std::vector<int>{8, 6}));
  EXPECT_EQ(outputs(2, 1), (std::vector<int>{8, 7, 6, 10, 12, 12}));
  EXPECT_EQ(outputs(3, 1), (std::vector<int>{12, 12}));
  EXPECT_EQ(outputs(1, 2), (std::vector<int>{1, 3, 9, 12}));
}

TEST_P(CodePath, RefusesTheOtherKindOfInputAndWrongSizes) {
  const Network image({}, {2, 2, 1}, 1);
  const Network flat({}, {1, 1, 4}, 1);
  auto image_forward = MakeForward(image, GetParam(), 2);
  auto flat_forward = MakeForward(flat, GetParam(), 1);
  const std::vector<float> parameters(5);
  const std::vector<uint8_t> bytes(4);
  const std::vector<float> floats(4);
  std::vector<float> output(1);
  const int lane[] = {0};
  EXPECT_THROW(image_forward->Run(lane, bytes, output), BugError);  // no parameters yet
  image_forward->SetParameters(parameters);
  flat_forward->SetParameters(parameters);
  EXPECT_NO_THROW(image_forward->Run(lane, bytes, output));
  EXPECT_NO_THROW(flat_forward->Run(lane, floats, output));
  EXPECT_THROW(image_forward->Run(lane, floats, output), BugError);
  EXPECT_THROW(flat_forward->Run(lane, bytes, output), BugError);
  const int wrong_lane[] = {2};
  EXPECT_THROW(image_forward->Run(wrong_lane, bytes, output), BugError);
  EXPECT_THROW(image_forward->Run(lane, std::span(bytes).first(3), output), BugError);
  EXPECT_THROW(image_forward->ForgetLane(-1), BugError);
  EXPECT_THROW(image_forward->SetParameters(std::span(parameters).first(4)), BugError);
}

TEST(Tanh, IsWithinAMillionthOfTheTruth) {
  float last = -1.0f;
  for (int i = -120000; i <= 120000; ++i) {
    const float x = static_cast<float>(i) * 1e-4f;
    ASSERT_NEAR(Tanh(x), std::tanh(static_cast<double>(x)), 1e-6) << x;
    ASSERT_LE(std::abs(Tanh(x)), 1.0f) << x;
    ASSERT_GE(Tanh(x), last - 1e-6f) << x;
    last = Tanh(x);
  }
  EXPECT_EQ(Tanh(std::numeric_limits<float>::infinity()), Tanh(9.0f));
  EXPECT_EQ(std::bit_cast<uint32_t>(Tanh(-0.0f)), std::bit_cast<uint32_t>(-0.0f));
  EXPECT_NEAR(Tanh(1e-20f), 1e-20f, 1e-26f);
  EXPECT_TRUE(std::isnan(Tanh(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace dne
