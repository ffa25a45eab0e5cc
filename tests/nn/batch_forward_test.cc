// SPDX-License-Identifier: MIT
// Batches on every code path against the plain reference, one observation at a time, bit for bit.
#include "dne/nn/batch_forward.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "dne/base/error.h"
#include "tests/nn/forward_checks.h"

namespace dne {
namespace {

class BatchPath : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(All, BatchPath, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

template <class T>
std::vector<float> PlainOutputs(const Network& network, std::span<const float> parameters,
                                std::span<const T> observations) {
  const auto forward = MakeForward(network, Isa::kScalar, 1);
  forward->SetParameters(parameters);
  const size_t size = network.input().size();
  const size_t num_outputs = Size(network.num_outputs());
  std::vector<float> outputs(observations.size() / size * num_outputs);
  for (size_t i = 0; i * size < observations.size(); ++i) {
    forward->Run(std::array{0}, observations.subspan(i * size, size),
                 std::span(outputs).subspan(i * num_outputs, num_outputs));
  }
  return outputs;
}

// The same forward pass on batches of these sizes, one after the other.
template <class T>
void ExpectSame(const Network& network, std::span<const float> parameters,
                const std::vector<T>& observations, std::span<const size_t> batches, Isa isa,
                const std::string& what) {
  const std::vector<float> expected =
      PlainOutputs(network, parameters, std::span<const T>(observations));
  const auto forward = MakeBatchForward(network, isa);
  forward->SetParameters(parameters);
  for (const size_t count : batches) {
    std::vector<float> got(count * Size(network.num_outputs()), -7.0f);
    forward->Run(std::span(observations).first(count * network.input().size()), got);
    ASSERT_EQ(FirstDifference(got, std::span(expected).first(got.size())), -1)
        << what << ", batch of " << count;
  }
}

// Images with many zeros.
std::vector<uint8_t> Images(const Network& network, size_t count, uint32_t item) {
  Stream random = Random(item);
  std::vector<uint8_t> bytes(count * network.input().size());
  for (uint8_t& byte : bytes) {
    byte = random.Below(3) == 0 ? static_cast<uint8_t>(random.Below(256)) : uint8_t{0};
  }
  return bytes;
}

constexpr size_t kBatches[] = {5, 1, 16, 19};
constexpr size_t kMost = 19;

TEST_P(BatchPath, IsTheReferenceOnRandomNetworks) {
  for (uint32_t item = 0; item < 60; ++item) {
    const Network network = RandomNetwork(item);
    ExpectSame(network, RandomParameters(network, item), Images(network, kMost, item), kBatches,
               GetParam(), "network " + std::to_string(item));
  }
}

TEST_P(BatchPath, IsTheReferenceWithOddParameters) {
  for (uint32_t item = 0; item < 40; ++item) {
    const Network network = RandomNetwork(item);
    ExpectSame(network, OddParameters(network, item), Images(network, kMost, item), kBatches,
               GetParam(), "odd " + std::to_string(item));
  }
}

// Products too small for a float leave zeros of either sign in the sums.
TEST_P(BatchPath, IsTheReferenceWithTinyParametersAndNegativeZeros) {
  constexpr float kSmall[] = {-0.0f, 0.0f, 1e-42f, -3e-45f, 1e-45f, -1e-39f};
  for (uint32_t item = 0; item < 20; ++item) {
    const Network network = RandomNetwork(item);
    std::vector<float> parameters = RandomParameters(network, item);
    Stream random = Random(item);
    for (float& parameter : parameters) parameter = kSmall[random.Below(std::size(kSmall))];
    ExpectSame(network, parameters, Images(network, kMost, item), kBatches, GetParam(),
               "tiny " + std::to_string(item));
  }
}

TEST_P(BatchPath, IsTheReferenceOnTheNetworksForMnist) {
  const auto expect_same = [](const char* preset, size_t batch) {
    const Network network(NetworkPreset(preset), {28, 28, 1}, 10);
    ExpectSame(network, RandomParameters(network, 1), Images(network, batch, 2), std::array{batch},
               GetParam(), preset);
  };
  expect_same("mnist_cnn", 18);
  expect_same("mnist_small", 70);
}

TEST_P(BatchPath, IsTheReferenceWithSkipsAndWithEveryActivation) {
  for (Activation activation : {Activation::kTanh, Activation::kSelu, Activation::kSigmoid,
                                Activation::kRelu, Activation::kLinear}) {
    const Network network({.hidden = {{.units = 23, .activation = activation, .repeat = 6}},
                           .output_activation = activation,
                           .skip_every = 2},
                          {1, 1, 11}, 3);
    Stream random = Random(8);
    std::vector<float> observations(70 * 11);
    for (float& x : observations) {
      x = random.Below(4) == 0 ? 0.0f : random.NextFloat() * 4 - 2;
    }
    constexpr size_t kLarge[] = {7, 70};
    ExpectSame(network, RandomParameters(network, 3), observations, kLarge, GetParam(), "skips");
  }
}

TEST_P(BatchPath, IsTheReferenceOnWideAndLongDenseLayers) {
  // Blocks of weights that hold a part of a position, one, or several.
  for (const auto& [input, units] :
       {std::pair{Shape{1, 1, 3000}, 70}, {Shape{9, 7, 3}, 1100}, {Shape{2, 3, 700}, 300}}) {
    const Network network({.hidden = {{.units = units}}}, input, 2);
    const std::vector<float> parameters = RandomParameters(network, 5);
    constexpr size_t kSome[] = {33};
    if (input.positions() > 1) {
      ExpectSame(network, parameters, Images(network, 33, 6), kSome, GetParam(), "long");
    } else {
      Stream random = Random(8);
      std::vector<float> observations(33 * 3000);
      for (float& x : observations) x = random.NextFloat() - 0.5f;
      ExpectSame(network, parameters, observations, kSome, GetParam(), "wide");
    }
  }
}

TEST_P(BatchPath, IsTheReferenceOnOddFloatInputs) {
  const Network network({.hidden = {{.units = 37}}}, {1, 1, 21}, 5);
  Stream random = Random(6);
  std::vector<float> observations(kMost * 21, 0.5f);
  for (float& x : observations) x = random.Below(7) == 0 ? OddValue(random) : x;
  ExpectSame(network, RandomParameters(network, 1), observations, kBatches, GetParam(), "inputs");
}

TEST_P(BatchPath, EvaluatesThePolicySetLast) {
  const Network network = RandomNetwork(3);
  const auto images = Images(network, 9, 1);
  const auto forward = MakeBatchForward(network, GetParam());
  std::vector<float> got(9 * Size(network.num_outputs()));
  for (uint32_t item : {1u, 2u}) {
    const std::vector<float> parameters = RandomParameters(network, item);
    forward->SetParameters(parameters);
    forward->Run(images, got);
    EXPECT_EQ(
        FirstDifference(got, PlainOutputs(network, parameters, std::span<const uint8_t>(images))),
        -1);
  }
}

// Whatever is the same as the last time: the images, the first layers, both or neither.
TEST_P(BatchPath, ReusesWhatTheImagesLayersGaveWithoutAChangedBit) {
  for (uint32_t item = 0; item < 30; ++item) {
    const Network network = RandomNetwork(item);
    const std::vector<float> first = RandomParameters(network, item);
    std::vector<float> other_end = first;
    other_end.back() += 1;
    std::vector<float> other_start = first;
    other_start.front() += 1;
    std::vector<float> other_sign = first;  // equal as a number, not as bits
    other_sign.front() = 0;
    std::vector<float> other_zero = other_sign;
    other_zero.front() = -0.0f;
    const std::vector<uint8_t> images = Images(network, kMost, item);
    const std::vector<uint8_t> others = Images(network, kMost, item + 100);
    const auto forward = MakeBatchForward(network, GetParam());
    const auto expect_same = [&](std::span<const float> parameters, std::span<const uint8_t> seen) {
      forward->SetParameters(parameters);
      std::vector<float> got(seen.size() / network.input().size() * Size(network.num_outputs()));
      forward->Run(seen, got);
      ASSERT_EQ(FirstDifference(got, PlainOutputs(network, parameters, seen)), -1) << item;
    };
    expect_same(first, images);
    expect_same(first, images);
    expect_same(other_end, images);
    expect_same(other_start, images);
    expect_same(first, std::span(images).first(4 * network.input().size()));
    expect_same(first, images);
    expect_same(first, others);
    expect_same(other_sign, others);
    expect_same(other_zero, others);
  }
}

TEST_P(BatchPath, RefusesTheOtherKindOfInputAndWrongSizes) {
  const Network image({}, {2, 2, 1}, 1);
  const Network flat({}, {1, 1, 4}, 1);
  const auto image_forward = MakeBatchForward(image, GetParam());
  const auto flat_forward = MakeBatchForward(flat, GetParam());
  const std::vector<float> parameters(5);
  const std::vector<uint8_t> bytes(8);
  const std::vector<float> floats(8);
  std::vector<float> outputs(2);
  EXPECT_THROW(image_forward->Run(bytes, outputs), BugError);  // no parameters yet
  EXPECT_THROW(image_forward->SetParameters(std::span(parameters).first(4)), BugError);
  image_forward->SetParameters(parameters);
  flat_forward->SetParameters(parameters);
  EXPECT_NO_THROW(image_forward->Run(bytes, outputs));
  EXPECT_NO_THROW(flat_forward->Run(floats, outputs));
  EXPECT_NO_THROW(flat_forward->Run(std::span(floats).first(0), std::span(outputs).first(0)));
  EXPECT_THROW(image_forward->Run(floats, outputs), BugError);
  EXPECT_THROW(flat_forward->Run(bytes, outputs), BugError);
  EXPECT_THROW(image_forward->Run(std::span(bytes).first(7), outputs), BugError);
  EXPECT_THROW(image_forward->Run(bytes, std::span(outputs).first(1)), BugError);
}

std::string ErrorOf(const NetworkSpec& spec) {
  const Network network(spec, {6, 5, 2}, 3);
  try {
    MakeBatchForward(network, BestIsa());
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(BatchForward, RefusesNetworksWhoseOutputsNeedMoreThanOneObservation) {
  EXPECT_EQ(ErrorOf({.hidden = {{.type = LayerType::kGru, .units = 2}}}),
            "the network has a state: a batch of observations needs a network whose outputs follow "
            "from one observation; use layers other than rnn, gru and lstm");
  EXPECT_EQ(ErrorOf({.virtual_batch_norm = true}),
            "the network has virtual_batch_norm: a batch of observations needs a network whose "
            "outputs follow from one observation; leave it out");
  EXPECT_EQ(ErrorOf({}), "no error");
}

}  // namespace
}  // namespace dne
