// SPDX-License-Identifier: MIT
// Members of low rank, played by their factors: every code path against the plain reference bit for
// bit, the reference against its definition and against the weights that the factors stand for.
#include "dne/nn/low_rank.h"

#include <gtest/gtest.h>

#include <string>

#include "dne/base/error.h"
#include "dne/nn/batch_forward.h"
#include "tests/nn/forward_checks.h"

namespace dne {
namespace {

class LowRankPath : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(All, LowRankPath, testing::ValuesIn(SupportedIsas()),
                         [](const auto& info) { return std::string(IsaName(info.param)); });

constexpr size_t kRanks[] = {1, 4, 3, 9};

// The weights and biases of the member, of which the network's outputs differ by rounding.
std::vector<float> Decoded(const Network& network, std::span<const float> parameters,
                           const LowRankChange& change) {
  std::vector<float> decoded(parameters.begin(), parameters.end());
  const float* numbers = change.numbers.data();
  for (const Layer& layer : network.layers()) {
    for (const AffineMap& map : layer.maps()) {
      const float* right = numbers + change.rank * map.inputs;
      for (size_t i = 0; i < map.inputs; ++i) {
        for (size_t o = 0; o < map.outputs; ++o) {
          double sum = 0;
          for (size_t k = 0; k < change.rank; ++k) {
            sum += double{numbers[k * map.inputs + i]} * right[k * map.outputs + o];
          }
          decoded[map.weights + i * map.outputs + o] += static_cast<float>(change.scale * sum);
        }
      }
      const float* biases = right + change.rank * map.outputs;
      std::copy_n(biases, map.outputs, decoded.begin() + static_cast<ptrdiff_t>(map.biases));
      numbers = biases + map.outputs;
    }
  }
  return decoded;
}

// Lanes play members, the parent, and members anew; they come, go and forget.
void ExpectSameMembers(const Network& network, std::span<const float> parameters, Isa isa,
                       uint32_t item, size_t rank, int num_lanes, int steps) {
  Comparison<uint8_t> comparison(network, isa, num_lanes);
  comparison.SetParameters(parameters);
  std::vector<Scene> scenes;
  std::vector<LowRankChange> changes;
  for (int i = 0; i < num_lanes; ++i) {
    const uint32_t number = item + static_cast<uint32_t>(i);
    scenes.emplace_back(network.input(), number);
    changes.push_back(RandomChange(network, number, i % 2 == 0 ? rank : rank + 1));
  }
  for (int i = 0; i < num_lanes; ++i) {
    if (i % 4 != 3) comparison.SetChange(i, &changes[Size(i)]);
  }
  Stream random = Random(item);
  for (int step = 0; step < steps; ++step) {
    std::vector<int> lanes;
    std::vector<uint8_t> observations;
    for (int i = num_lanes - 1; i >= 0; --i) {
      if (num_lanes > 1 && random.Below(4) == 0) continue;
      lanes.push_back(i);
      const auto& frame = step % 5 == 3 ? scenes[Size(i)].Noise() : scenes[Size(i)].Step();
      observations.insert(observations.end(), frame.begin(), frame.end());
    }
    ASSERT_EQ(comparison.Run(lanes, std::span<const uint8_t>(observations)), -1)
        << "network " << item << ", rank " << rank << ", step " << step;
    const int lane = step % num_lanes;
    if (step % 5 == 4) comparison.ForgetLane(lane);
    if (step % 6 == 5) comparison.SetChange(lane, step % 4 == 1 ? nullptr : &changes.front());
  }
}

TEST_P(LowRankPath, IsTheReferenceOnRandomNetworks) {
  for (uint32_t item = 0; item < 40; ++item) {
    const Network network = item % 2 == 0 ? RandomNetwork(item) : RandomGraph(item);
    ExpectSameMembers(network, RandomParameters(network, item), GetParam(), item, kRanks[item % 4],
                      1 + static_cast<int>(item % 5), 12);
  }
}

TEST_P(LowRankPath, IsTheReferenceWithOddParameters) {
  for (uint32_t item = 0; item < 40; ++item) {
    const Network network = item % 2 == 0 ? RandomNetwork(item) : RandomGraph(item);
    ExpectSameMembers(network, OddParameters(network, item), GetParam(), item, kRanks[item % 4], 2,
                      8);
  }
}

TEST_P(LowRankPath, IsTheReferenceOnTheNetworksForAtari) {
  for (const char* preset : {"uber_small", "uber_large"}) {
    const Network network(NetworkPreset(preset), kAtari, 18);
    ExpectSameMembers(network, RandomParameters(network, 1), GetParam(), 1, 1, 3, 4);
  }
}

TEST_P(LowRankPath, IsTheReferenceWithSkips) {
  const Network network({.hidden = {{.units = 23, .repeat = 7}}, .skip_every = 2}, {1, 1, 11}, 3);
  Comparison<float> comparison(network, GetParam(), 1);
  const std::vector<float> parameters = RandomParameters(network, 3);
  comparison.SetParameters(parameters);
  const LowRankChange change = RandomChange(network, 2, 2);
  comparison.SetChange(0, &change);
  Stream random = Random(8);
  for (int step = 0; step < 6; ++step) {
    std::vector<float> input(11);
    for (float& x : input) x = random.Below(4) == 0 ? 0.0f : random.NextFloat() * 4 - 2;
    ASSERT_EQ(comparison.Run(std::array{0}, std::span<const float>(input)), -1);
  }
}

void ExpectSameBatches(const Network& network, std::span<const float> parameters, Isa isa,
                       uint32_t item, size_t rank) {
  const auto plain = MakeForward(network, Isa::kScalar, 1);
  const auto batched = MakeBatchForward(network, isa);
  const LowRankChange change = RandomChange(network, item, rank);
  plain->SetParameters(parameters);
  plain->SetChange(0, &change);
  batched->SetParameters(parameters);
  batched->SetChange(&change);
  constexpr size_t kMost = 70;
  const size_t size = network.input().size();
  const size_t num_outputs = Size(network.num_outputs());
  Stream random = Random(item);
  std::vector<uint8_t> images(kMost * size);
  for (uint8_t& byte : images) {
    byte = random.Below(3) == 0 ? static_cast<uint8_t>(random.Below(256)) : uint8_t{0};
  }
  std::vector<float> expected(kMost * num_outputs);
  for (size_t i = 0; i < kMost; ++i) {
    plain->Run(std::array{0}, std::span(images).subspan(i * size, size),
               std::span(expected).subspan(i * num_outputs, num_outputs));
  }
  for (const size_t count : {5u, 16u, 70u, 19u}) {
    std::vector<float> got(count * num_outputs, -7.0f);
    batched->Run(std::span(images).first(count * size), got);
    ASSERT_EQ(FirstDifference(got, std::span(expected).first(got.size())), -1)
        << "network " << item << ", batch of " << count;
  }
}

TEST_P(LowRankPath, IsTheReferenceInBatches) {
  for (uint32_t item = 0; item < 30; ++item) {
    const Network network = RandomNetwork(item);
    const std::vector<float> parameters =
        item % 3 == 0 ? OddParameters(network, item) : RandomParameters(network, item);
    ExpectSameBatches(network, parameters, GetParam(), item, kRanks[item % 4]);
  }
}

TEST_P(LowRankPath, IsTheReferenceOnTheNetworksForMnistInBatches) {
  const Network network(NetworkPreset("mnist_small"), {28, 28, 1}, 10);
  ExpectSameBatches(network, RandomParameters(network, 1), GetParam(), 1, 2);
}

TEST_P(LowRankPath, MembersThatShareAPassGiveWhatEachGivesAlone) {
  for (uint32_t item = 0; item < 20; ++item) {
    const Network network = RandomNetwork(item);
    const std::vector<float> parameters =
        item % 3 == 0 ? OddParameters(network, item) : RandomParameters(network, item);
    std::vector<LowRankChange> members;
    for (uint32_t i = 0; i < 1 + item % 6; ++i) {
      members.push_back(RandomChange(network, 10 * item + i, 1 + (item + i) % 3));
    }
    const size_t each = 1 + item;  // observations
    std::vector<uint8_t> images(members.size() * each * network.input().size());
    Stream random = Random(item);
    for (uint8_t& byte : images) byte = static_cast<uint8_t>(random.Below(256));
    const size_t num_outputs = each * Size(network.num_outputs());
    std::vector<float> got(members.size() * num_outputs, -7.0f);
    const auto batched = MakeBatchForward(network, GetParam());
    batched->SetParameters(parameters);
    batched->RunMembers(members, images, got);
    const size_t size = each * network.input().size();
    for (size_t i = 0; i < members.size(); ++i) {
      const auto alone = MakeBatchForward(network, Isa::kScalar);
      alone->SetParameters(parameters);
      alone->SetChange(&members[i]);
      std::vector<float> expected(num_outputs);
      alone->Run(std::span(images).subspan(i * size, size), expected);
      ASSERT_EQ(FirstDifference(std::span(got).subspan(i * num_outputs, num_outputs), expected), -1)
          << "network " << item << ", member " << i;
    }
    // The parent again.
    const auto plain = MakeBatchForward(network, Isa::kScalar);
    plain->SetParameters(parameters);
    std::vector<float> of_parent(num_outputs);
    std::vector<float> expected(num_outputs);
    batched->Run(std::span(images).first(size), of_parent);
    plain->Run(std::span(images).first(size), expected);
    ASSERT_EQ(FirstDifference(of_parent, expected), -1) << item;
  }
}

TEST_P(LowRankPath, BatchesWithoutAChangeAreTheParentsAgain) {
  const Network network = RandomNetwork(3);
  const std::vector<float> parameters = RandomParameters(network, 3);
  const LowRankChange change = RandomChange(network, 3, 2);
  const std::vector<uint8_t> images(20 * network.input().size(), 9);
  const auto batched = MakeBatchForward(network, GetParam());
  EXPECT_THROW(batched->SetChange(&change), BugError) << "no parameters yet";
  const auto run = [&] {
    std::vector<float> outputs(20 * Size(network.num_outputs()));
    batched->Run(images, outputs);
    return outputs;
  };
  batched->SetParameters(parameters);
  const std::vector<float> plain = run();
  batched->SetChange(&change);
  EXPECT_NE(run(), plain);
  batched->SetChange(nullptr);
  EXPECT_EQ(run(), plain);
  batched->SetChange(&change);
  batched->SetParameters(parameters);
  EXPECT_EQ(run(), plain);
}

// By hand: 18 inputs, so that two chains have two terms.
TEST_P(LowRankPath, AddsToTheSumsWhatTheDefinitionSays) {
  const Network network({}, {1, 1, 18}, 2);
  const std::vector<float> parameters = RandomParameters(network, 1);
  const LowRankChange change = RandomChange(network, 3, 2);
  std::vector<float> input(18);
  FillNormal({.seed = 6}, 0, input, BestIsa());
  const float* a = change.numbers.data();
  const float* b = a + 2 * 18;
  std::vector<float> expected(b + 2 * 2, b + 2 * 2 + 2);  // the member's biases
  for (size_t o = 0; o < 2; ++o) {
    float partial = 0;
    for (size_t i = 0; i < 18; ++i) {
      partial = std::fma(input[i], parameters[i * 2 + o], partial);
    }
    expected[o] += partial;
  }
  for (size_t k = 0; k < 2; ++k, a += 18, b += 2) {
    float s[16];
    for (size_t i = 0; i < 16; ++i) s[i] = input[i] * a[i];
    for (size_t i = 16; i < 18; ++i) s[i - 16] = std::fma(input[i], a[i], s[i - 16]);
    const auto quarter = [&](size_t i) { return (s[i] + s[i + 8]) + (s[i + 4] + s[i + 12]); };
    const float sum = (quarter(0) + quarter(2)) + (quarter(1) + quarter(3));
    for (size_t o = 0; o < 2; ++o) expected[o] = std::fma(change.scale * sum, b[o], expected[o]);
  }
  const auto forward = MakeForward(network, GetParam(), 1);
  forward->SetParameters(parameters);
  forward->SetChange(0, &change);
  std::vector<float> got(2);
  forward->Run(std::array{0}, input, got);
  EXPECT_EQ(got, expected);
}

TEST(LowRank, IsNearlyWhatTheMembersWeightsSay) {
  for (uint32_t item = 0; item < 30; ++item) {
    const Network network = RandomGraph(item);
    const std::vector<float> parameters = RandomParameters(network, item);
    const LowRankChange change = RandomChange(network, item, 1 + item % 3);
    const auto factored = MakeForward(network, Isa::kScalar, 1);
    const auto decoded = MakeForward(network, Isa::kScalar, 1);
    const auto parent = MakeForward(network, Isa::kScalar, 1);
    const std::vector<float> weights = Decoded(network, parameters, change);
    factored->SetParameters(parameters);
    factored->SetChange(0, &change);
    decoded->SetParameters(weights);
    parent->SetParameters(parameters);
    Scene scene(network.input(), item);
    std::vector<float> a(Size(network.num_outputs()));
    std::vector<float> b(a.size());
    std::vector<float> c(a.size());
    for (int step = 0; step < 3; ++step) {
      const auto& frame = scene.Step();
      factored->Run(std::array{0}, frame, a);
      decoded->Run(std::array{0}, frame, b);
      parent->Run(std::array{0}, frame, c);
      for (size_t o = 0; o < a.size(); ++o) {
        EXPECT_NEAR(a[o], b[o], 2e-5 * (1 + std::abs(b[o]))) << item << ", step " << step;
      }
    }
    EXPECT_NE(a, c);
  }
}

TEST_P(LowRankPath, WithoutAChangeIsTheParentAgain) {
  const Network network = RandomNetwork(3);
  const std::vector<float> parameters = RandomParameters(network, 3);
  const LowRankChange change = RandomChange(network, 3, 2);
  Scene scene(network.input(), 3);
  const auto& frame = scene.Step();
  const auto forward = MakeForward(network, GetParam(), 1);
  const auto run = [&] {
    std::vector<float> outputs(Size(network.num_outputs()));
    forward->Run(std::array{0}, frame, outputs);
    return outputs;
  };
  forward->SetParameters(parameters);
  const std::vector<float> plain = run();
  forward->SetChange(0, &change);
  const std::vector<float> member = run();
  EXPECT_NE(member, plain);
  forward->SetChange(0, nullptr);
  EXPECT_EQ(run(), plain);
  forward->SetChange(0, &change);
  EXPECT_EQ(run(), member);
  forward->SetParameters(parameters);
  EXPECT_EQ(run(), plain);
}

TEST_P(LowRankPath, RefusesWhatIsNotTheNetworks) {
  const Network network = RandomNetwork(3);
  const Network other = RandomNetwork(4);
  const std::vector<float> parameters = RandomParameters(network, 3);
  const LowRankChange change = RandomChange(network, 3, 2);
  const LowRankChange foreign = RandomChange(other, 3, 2);
  const auto forward = MakeForward(network, GetParam(), 1);
  EXPECT_THROW(forward->SetChange(0, &change), BugError) << "no parameters yet";
  forward->SetParameters(parameters);
  EXPECT_THROW(forward->SetChange(0, &foreign), BugError);
  EXPECT_THROW(forward->SetChange(1, &change), BugError);

  const Network normalised = RandomNetwork(3, {.virtual_batch_norm = true});
  const std::vector<uint8_t> batch(normalised.input().size(), 1);
  const std::vector<float> founder = RandomParameters(normalised, 3);
  const LowRankChange of_normalised = RandomChange(normalised, 3, 2);
  const auto normalises = MakeForward(normalised, GetParam(), 1);
  normalises->SetReferenceBatch(batch);
  normalises->SetParameters(founder);
  EXPECT_THROW(normalises->SetChange(0, &of_normalised), BugError);
}

}  // namespace
}  // namespace dne
