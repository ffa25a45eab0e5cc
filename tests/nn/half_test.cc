// SPDX-License-Identifier: MIT
// Weights of 16 bits: the rounding against every number of 16 bits, the vector kernels against it,
// and networks against those of the rounded numbers.
#include "dne/nn/half.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "dne/nn/kernels.h"
#include "tests/nn/forward_checks.h"

namespace dne {
namespace {

constexpr uint16_t kInfinity = 0x7c00;

// IEEE 754: a sign, five bits of exponent, ten of significand.
float ValueOf(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int significand = half & 1023;
  const float size = exponent == 0
                         ? std::ldexp(static_cast<float>(significand), -24)
                         : std::ldexp(static_cast<float>(1024 + significand), exponent - 25);
  return half >> 15 ? -size : size;
}

// Of any bits, and near where rounding turns.
std::vector<float> AllSorts() {
  std::vector<float> numbers;
  Stream random = Random(1);
  for (int i = 0; i < 200'000; ++i) numbers.push_back(std::bit_cast<float>(random.Next32()));
  for (uint16_t half = 0; half < kInfinity; ++half) {
    const float middle = (ValueOf(half) + ValueOf(half + 1)) / 2;
    for (const float x :
         {ValueOf(half), middle, std::nextafter(middle, 0.0f), std::nextafter(middle, 1e9f)}) {
      numbers.push_back(x);
      numbers.push_back(-x);
    }
  }
  for (int i = 0; i < 100; ++i) numbers.push_back(OddValue(random));
  return numbers;
}

TEST(Half, KeepsEveryNumberOfSixteenBits) {
  for (uint16_t half = 0; half < kInfinity; ++half) {
    for (const uint32_t sign : {0u, 0x8000u}) {
      const float value = ValueOf(static_cast<uint16_t>(half | sign));
      ASSERT_EQ(std::bit_cast<uint32_t>(RoundToHalf(value)), std::bit_cast<uint32_t>(value))
          << half;
    }
  }
}

TEST(Half, TakesTheNearerNeighbourAndOfTwoTheEvenOne) {
  for (uint16_t half = 0; half + 1 < kInfinity; ++half) {
    const float low = ValueOf(half);
    const float high = ValueOf(static_cast<uint16_t>(half + 1));
    const float middle = low + (high - low) / 2;
    const float even = half % 2 == 0 ? low : high;
    ASSERT_EQ(RoundToHalf(middle), even) << half;
    ASSERT_EQ(RoundToHalf(std::nextafter(middle, 0.0f)), low) << half;
    ASSERT_EQ(RoundToHalf(std::nextafter(middle, 1e9f)), high) << half;
    ASSERT_EQ(RoundToHalf(-middle), -even) << half;
  }
}

TEST(Half, EndsAtTheLargest) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  for (const float x : {65'504.0f, 65'519.9f, 65'520.0f, 1e6f, 3e38f, kInf}) {
    EXPECT_EQ(RoundToHalf(x), 65'504.0f) << x;
    EXPECT_EQ(RoundToHalf(-x), -65'504.0f) << x;
  }
  EXPECT_TRUE(std::isnan(RoundToHalf(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::signbit(RoundToHalf(-0.0f)));
  EXPECT_TRUE(std::signbit(RoundToHalf(-1e-30f)));
}

class HalfKernels : public testing::TestWithParam<Isa> {};

std::vector<Isa> VectorPaths() {
  std::vector<Isa> paths = SupportedIsas();
  std::erase(paths, Isa::kScalar);
  return paths;
}

INSTANTIATE_TEST_SUITE_P(All, HalfKernels, testing::ValuesIn(VectorPaths()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

TEST_P(HalfKernels, RoundAsThePlainExpression) {
  const nn::Kernels kernels = nn::KernelsFor(GetParam());
  const std::vector<float> numbers = AllSorts();
  for (const size_t size : {numbers.size(), size_t{1}, size_t{17}, size_t{31}}) {
    const auto some = std::span(numbers).last(size);
    const std::vector<float> expected = RoundedToHalf(some);
    std::vector<float> floats(size + 1, 7.0f);
    kernels.round_floats(some, floats.data());
    EXPECT_EQ(FirstDifference(std::span(floats).first(size), expected), -1);
    EXPECT_EQ(floats.back(), 7.0f);
    std::vector<uint16_t> halves(nn::RoundUp(size, nn::kPad));
    kernels.round_to_halves(some, halves.data());
    for (size_t i = 0; i < size; ++i) {
      if (std::isnan(expected[i])) {
        ASSERT_GT(halves[i] & 0x7fff, kInfinity);
        continue;
      }
      ASSERT_EQ(std::bit_cast<uint32_t>(ValueOf(halves[i])), std::bit_cast<uint32_t>(expected[i]))
          << some[i];
    }
  }
}

class HalfNetworks : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(All, HalfNetworks, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

NetworkSpec InHalves(std::string_view preset) {
  NetworkSpec spec = NetworkPreset(preset);
  spec.weights = WeightType::kFloat16;
  return spec;
}

// The definition: the same outputs as with weights of 32 bits that were rounded beforehand.
TEST_P(HalfNetworks, AreThoseOfTheRoundedNumbers) {
  for (uint32_t item = 0; item < 30; ++item) {
    const Network halves = RandomNetwork(item, {.weights = WeightType::kFloat16});
    const Network floats = RandomNetwork(item);
    const std::vector<float> parameters =
        item % 3 == 0 ? OddParameters(halves, item) : RandomParameters(halves, item);
    const std::vector<float> rounded = RoundedToHalf(parameters);
    const auto forward = MakeForward(halves, GetParam(), 1);
    const auto plain = MakeForward(floats, Isa::kScalar, 1);
    forward->SetParameters(parameters);
    plain->SetParameters(rounded);
    Scene scene(halves.input(), item);
    std::vector<float> got(Size(halves.num_outputs()));
    std::vector<float> expected(got.size());
    const int lane[] = {0};
    for (int step = 0; step < 6; ++step) {
      const std::vector<uint8_t>& frame = scene.Step();
      forward->Run(lane, frame, got);
      plain->Run(lane, frame, expected);
      ASSERT_EQ(FirstDifference(got, expected), -1) << item << " " << step;
    }
  }
}

TEST_P(HalfNetworks, AreTheReferenceOnPresetsGraphsAndLanes) {
  for (const std::string name : {"uber_large", "nature_dqn"}) {
    const Network network(InHalves(name), kAtari, 18);
    ExpectSameOnScene(network, RandomParameters(network, 1), GetParam(), 2, 6, name);
  }
  for (uint32_t item = 0; item < 30; ++item) {
    const Network graph = RandomGraph(item, WeightType::kFloat16);
    ExpectSameOnScene(graph, RandomParameters(graph, item), GetParam(), item, 6,
                      "graph " + std::to_string(item));
  }
  ExpectSameOnLanes(Network(InHalves("uber_small"), kAtari, 6), GetParam(), 3, 8);
}

TEST_P(HalfNetworks, AreTheReferenceUnderVirtualBatchNormalisation) {
  for (uint32_t item = 0; item < 8; ++item) {
    const Network network =
        RandomNetwork(item, {.virtual_batch_norm = true, .weights = WeightType::kFloat16});
    Scene scene(network.input(), item + 50);
    std::vector<uint8_t> batch;
    for (int i = 0; i < 5; ++i) {
      const std::vector<uint8_t>& frame = scene.Step();
      batch.insert(batch.end(), frame.begin(), frame.end());
    }
    ExpectSameOnScene(network, RandomParameters(network, item), GetParam(), item, 6,
                      "normalised " + std::to_string(item), batch);
  }
}

// Its parent's weights are rounded, what it adds is not.
TEST_P(HalfNetworks, AreTheReferenceForMembersOfLowRank) {
  for (uint32_t item = 0; item < 10; ++item) {
    const Network network = RandomNetwork(item, {.weights = WeightType::kFloat16});
    Comparison<uint8_t> comparison(network, GetParam(), 1);
    const std::vector<float> parameters = RandomParameters(network, item);
    comparison.SetParameters(parameters);
    const LowRankChange change = RandomChange(network, item, 2);
    comparison.SetChange(0, &change);
    Scene scene(network.input(), item);
    const int lane[] = {0};
    for (int step = 0; step < 4; ++step) {
      ASSERT_EQ(comparison.Run(lane, std::span<const uint8_t>(scene.Step())), -1) << item;
    }
  }
}

}  // namespace
}  // namespace dne
