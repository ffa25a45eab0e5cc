// SPDX-License-Identifier: MIT
// Members on a device against the plain reference: their numbers made by the processor, their
// images seen one at a time, bit for bit.
#include "dne/gpu/population.h"

#include <gtest/gtest.h>

#include <numeric>

#include "dne/genome/perturbation.h"
#include "dne/nn/activation.h"
#include "dne/tasks/episode_task.h"
#include "tests/expect_error.h"
#include "tests/gpu/devices.h"
#include "tests/nn/forward_checks.h"

namespace dne::gpu {
namespace {

class OnDevice : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Device> device_ = MakeDevice(GetParam());
  std::unique_ptr<Queue> queue_ = device_->MakeQueue();
};

INSTANTIATE_TEST_SUITE_P(All, OnDevice, testing::ValuesIn(DeviceNames()),
                         [](const auto& info) { return info.param; });

constexpr size_t kNumImages = 90;

// Images with many zeros.
std::vector<uint8_t> Pixels(const Network& network, uint32_t item) {
  Stream random = Random(item);
  std::vector<uint8_t> bytes(kNumImages * network.input().size());
  for (uint8_t& byte : bytes) {
    byte = random.Below(3) == 0 ? static_cast<uint8_t>(random.Below(256)) : uint8_t{0};
  }
  return bytes;
}

// Up to so many of them, in any order.
std::vector<uint32_t> SomeImages(uint32_t item, size_t most) {
  Stream random = Random(item);
  std::vector<uint32_t> images(1 + random.Below(static_cast<uint32_t>(most)));
  for (uint32_t& image : images) image = random.Below(kNumImages);
  return images;
}

// The outputs of the member, whose parent has these numbers.
class Plain {
 public:
  Plain(const Network& network, const PolicyLayout& layout, const PerturbationSpec& spec)
      : network_(network),
        layout_(layout),
        spec_(spec),
        perturbation_(MakePerturbation(spec)),
        forward_(MakeForward(network, Isa::kScalar, 1)) {}

  void SetMember(std::span<const float> parent, const std::optional<Noise>& noise) {
    const auto parts = layout_.PartsOf(parent);
    const ParentView view{
        .parameters = parts.parameters, .spreads = parts.spreads, .layout = layout_};
    numbers_.assign(parts.parameters.begin(), parts.parameters.end());
    if (noise && !HasFactors(spec_.kind)) {
      perturbation_->Perturb(*noise, view, numbers_, Isa::kScalar);
    }
    forward_->SetParameters(numbers_);
    if (!noise || !HasFactors(spec_.kind)) return;
    perturbation_->DrawChange(*noise, view, change_, Isa::kScalar);
    forward_->SetChange(0, &change_);
  }

  template <class Number>
  std::vector<float> Outputs(std::span<const Number> image) {
    std::vector<float> outputs(Size(network_.num_outputs()));
    forward_->Run(std::array{0}, image, outputs);
    return outputs;
  }

 private:
  const Network& network_;
  const PolicyLayout& layout_;
  PerturbationSpec spec_;
  std::unique_ptr<const Perturbation> perturbation_;
  std::unique_ptr<Forward> forward_;
  std::vector<float> numbers_;
  LowRankChange change_;
};

struct Case {
  const Network& network;
  std::vector<std::vector<float>> parents;
  PerturbationSpec spec;
  std::vector<Member> members;
  std::string what;
};

void ExpectSame(Queue& queue, const Case& scene, size_t most_images) {
  const PolicyLayout layout = LayoutOf(scene.network, 0);
  const std::vector<uint8_t> pixels = Pixels(scene.network, 3);
  Images set(queue, pixels);
  Population population(scene.network, layout, queue, kHostMemory / 4 * 3);
  std::vector<std::span<const float>> parents(scene.parents.begin(), scene.parents.end());
  population.SetParents(parents, scene.spec);
  population.Hold(scene.members);
  std::vector<std::vector<uint32_t>> images;
  std::vector<Look> looks;
  for (uint32_t i = 0; i < scene.members.size(); ++i) images.push_back(SomeImages(i, most_images));
  for (uint32_t i = 0; i < scene.members.size(); ++i) {
    for (std::span<const uint32_t> left = images[i]; !left.empty();) {
      const size_t count = std::min<size_t>(kLanes, left.size());
      looks.push_back({i, &set, left.first(count)});
      left = left.subspan(count);
    }
  }
  const size_t num_outputs = Size(scene.network.num_outputs());
  std::vector<float> outputs(looks.size() * kLanes * num_outputs);
  population.Run(looks, outputs);
  Plain plain(scene.network, layout, scene.spec);
  for (size_t i = 0; i < looks.size(); ++i) {
    const Member& member = scene.members[looks[i].member];
    plain.SetMember(scene.parents[member.parent], member.noise);
    for (size_t k = 0; k < looks[i].images.size(); ++k) {
      const size_t size = scene.network.input().size();
      const auto expected =
          plain.Outputs(std::span<const uint8_t>(pixels).subspan(looks[i].images[k] * size, size));
      const auto got = std::span(outputs).subspan((i * kLanes + k) * num_outputs, num_outputs);
      ASSERT_EQ(FirstDifference(got, expected), -1)
          << scene.what << ", look " << i << ", image " << k;
    }
  }
}

Noise NoiseOf(uint32_t item, float sigma, bool mirrored) {
  return {.stream = {.seed = 7, .generation = 3, .item = item, .purpose = Purpose::kMutation},
          .sigma = sigma,
          .mirrored = mirrored};
}

// A parent, two pairs, two halves of others, and another parent's child; of members of low rank
// those of one parent.
std::vector<Member> SomeMembers(const PerturbationSpec& spec) {
  std::vector<Member> members{
      {.noise = NoiseOf(0, 0.02f, false)}, {.noise = NoiseOf(0, 0.02f, true)},
      {.noise = NoiseOf(2, 0.03f, false)}, {.noise = NoiseOf(2, 0.03f, true)},
      {.noise = NoiseOf(4, 0.01f, true)},  {.noise = NoiseOf(6, 0.01f, false)}};
  if (HasFactors(spec.kind)) return members;
  members.insert(members.begin() + 2, {.parent = 1, .noise = NoiseOf(9, 0.05f, false)});
  members.push_back({.parent = 1});
  return members;
}

const PerturbationSpec kSpecs[] = {{},
                                   {.kind = PerturbationKind::kSpread},
                                   {.kind = PerturbationKind::kSigns},
                                   {.kind = PerturbationKind::kBucket, .bucket_size = 100},
                                   {.kind = PerturbationKind::kLowRank, .rank = 1},
                                   {.kind = PerturbationKind::kLowRank, .rank = 3},
                                   {.kind = PerturbationKind::kProbe}};

std::vector<std::vector<float>> Parents(const Network& network, const PerturbationSpec& spec,
                                        uint32_t item) {
  std::vector<std::vector<float>> parents{RandomParameters(network, item),
                                          RandomParameters(network, item + 1000)};
  if (spec.kind != PerturbationKind::kSpread) return parents;
  Stream random = Random(item);
  for (auto& parent : parents) {
    for (size_t i = 0; i < network.num_parameters(); ++i) {
      parent.push_back(random.NextFloat() * 2);
    }
  }
  return parents;
}

TEST_P(OnDevice, IsTheReferenceOnRandomNetworksWithEveryPerturbation) {
  for (uint32_t item = 0; item < 40; ++item) {
    const Network network = RandomNetwork(item);
    const PerturbationSpec& spec = kSpecs[item % std::size(kSpecs)];
    ExpectSame(*queue_,
               {.network = network,
                .parents = Parents(network, spec, item),
                .spec = spec,
                .members = SomeMembers(spec),
                .what = "network " + std::to_string(item)},
               70);
  }
}

TEST_P(OnDevice, IsTheReferenceWithOddParameters) {
  for (uint32_t item = 0; item < 30; ++item) {
    const Network network = RandomNetwork(item);
    ExpectSame(*queue_,
               {.network = network,
                .parents = {OddParameters(network, item)},
                .spec = {},
                .members = {{}},
                .what = "odd " + std::to_string(item)},
               40);
  }
}

// Products too small for a float leave zeros of either sign in the sums.
TEST_P(OnDevice, IsTheReferenceWithTinyParametersAndNegativeZeros) {
  constexpr float kSmall[] = {-0.0f, 0.0f, 1e-42f, -3e-45f, 1e-45f, -1e-39f};
  for (uint32_t item = 0; item < 20; ++item) {
    const Network network = RandomNetwork(item);
    std::vector<float> parameters = RandomParameters(network, item);
    Stream random = Random(item);
    for (float& parameter : parameters) parameter = kSmall[random.Below(std::size(kSmall))];
    ExpectSame(*queue_,
               {.network = network,
                .parents = {parameters},
                .spec = {},
                .members = {{}},
                .what = "tiny " + std::to_string(item)},
               33);
  }
}

TEST_P(OnDevice, IsTheReferenceOnTheNetworksForMnistWithEveryPerturbation) {
  for (const char* preset : {"mnist_small", "mnist_cnn"}) {
    const Network network(NetworkPreset(preset), {28, 28, 1}, 10);
    for (const PerturbationSpec& spec : kSpecs) {
      std::vector<Member> members = SomeMembers(spec);
      members.resize(3);
      ExpectSame(*queue_,
                 {.network = network,
                  .parents = Parents(network, spec, 1),
                  .spec = spec,
                  .members = members,
                  .what = preset},
                 GetParam() == "host" ? 2 : 70);
    }
  }
}

// Of dense layers, some of them residual, of every activation.
Network RandomDense(uint32_t item) {
  Stream random = Random(item);
  NetworkSpec spec{.hidden = {},
                   .output_activation = static_cast<Activation>(random.Below(5)),
                   .output_scale = 1};
  for (uint32_t left = 1 + random.Below(4); left > 0; --left) {
    spec.hidden.push_back({.units = static_cast<int>(1 + random.Below(item % 3 == 0 ? 150 : 9)),
                           .activation = static_cast<Activation>(random.Below(5))});
  }
  if (item % 4 == 0) {
    spec.hidden.resize(5, spec.hidden[0]);
    for (LayerSpec& layer : spec.hidden) layer.units = spec.hidden[0].units;
    spec.skip_every = 2;
  }
  return Network(spec, {1, 1, static_cast<int>(1 + random.Below(40))},
                 static_cast<int>(1 + random.Below(7)));
}

// Numbers of either sign, with zeros of either sign, tiny ones and now and then one that is none.
std::vector<float> RandomRows(size_t count, uint32_t item, bool odd) {
  constexpr float kOdd[] = {-0.0f, 0.0f, 1e-42f, -3e-45f, 1e30f, INFINITY, NAN, -1e-39f};
  std::vector<float> rows(count);
  FillNormal({.seed = 6, .item = item}, 0, rows, BestIsa());
  Stream random = Random(item);
  for (float& number : rows) {
    if (random.Below(4) == 0) number = odd ? kOdd[random.Below(std::size(kOdd))] : 0.0f;
  }
  return rows;
}

// Every member sees some rows, in any order.
void ExpectSameRows(Queue& queue, const Case& scene, size_t num_rows, bool odd) {
  const Network& network = scene.network;
  const PolicyLayout layout = LayoutOf(network, 0);
  Population population(network, layout, queue, kHostMemory / 4 * 3, Sights::kRows);
  std::vector<std::span<const float>> parents(scene.parents.begin(), scene.parents.end());
  population.SetParents(parents, scene.spec);
  population.Hold(scene.members);
  const size_t size = network.input().size();
  const std::vector<float> rows = RandomRows(num_rows * size, 8, odd);
  Stream random = Random(9);
  std::vector<uint32_t> members(num_rows);
  for (uint32_t& member : members) {
    member = random.Below(static_cast<uint32_t>(scene.members.size()));
  }
  const size_t num_outputs = Size(network.num_outputs());
  std::vector<float> outputs(num_rows * num_outputs);
  population.Run(members, rows, outputs);
  Plain plain(network, layout, scene.spec);
  for (size_t i = 0; i < num_rows; ++i) {
    const Member& member = scene.members[members[i]];
    plain.SetMember(scene.parents[member.parent], member.noise);
    const auto expected = plain.Outputs(std::span<const float>(rows).subspan(i * size, size));
    const auto got = std::span(outputs).subspan(i * num_outputs, num_outputs);
    ASSERT_EQ(FirstDifference(got, expected), -1) << scene.what << ", row " << i;
  }
}

TEST_P(OnDevice, IsTheReferenceOnRowsWithEveryPerturbation) {
  for (uint32_t item = 0; item < 70; ++item) {
    const Network network = RandomDense(item);
    const PerturbationSpec& spec = kSpecs[item % std::size(kSpecs)];
    ExpectSameRows(*queue_,
                   {.network = network,
                    .parents = Parents(network, spec, item),
                    .spec = spec,
                    .members = SomeMembers(spec),
                    .what = "network " + std::to_string(item)},
                   40, false);
  }
}

TEST_P(OnDevice, IsTheReferenceOnOddRowsWithOddParameters) {
  for (uint32_t item = 0; item < 60; ++item) {
    const Network network = RandomDense(item);
    const bool odd = item % 2 == 0;
    ExpectSameRows(
        *queue_,
        {.network = network,
         .parents = {odd ? OddParameters(network, item) : RandomParameters(network, item)},
         .spec = {},
         .members = {{}},
         .what = "odd " + std::to_string(item)},
        20, true);
  }
}

// Every 4093rd of all floats through each activation.
TEST_P(OnDevice, HasTheReferencesActivations) {
  constexpr uint32_t kStep = 4093;
  for (const Activation activation : {Activation::kLinear, Activation::kRelu, Activation::kTanh,
                                      Activation::kSelu, Activation::kSigmoid}) {
    const Network network({.hidden = {}, .output_activation = activation}, {1, 1, 1}, 1);
    Population population(network, LayoutOf(network, 0), *queue_, kHostMemory / 4 * 3,
                          Sights::kRows);
    const std::vector<float> parameters{1, 0};
    const std::span<const float> parent = parameters;
    population.SetParents({&parent, 1}, {});
    population.Hold(std::vector<Member>(1));
    std::vector<float> rows;
    std::vector<float> outputs;
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += kStep) {
      rows.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    }
    outputs.resize(rows.size());
    for (size_t first = 0; first < rows.size(); first += population.max_looks()) {
      const size_t count = std::min(population.max_looks(), rows.size() - first);
      population.Run(std::vector<uint32_t>(count), std::span(rows).subspan(first, count),
                     std::span(outputs).subspan(first, count));
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      const float expected = Activate(activation, rows[i] == 0 ? 0.0f : rows[i]);
      ASSERT_EQ(FirstDifference({&outputs[i], 1}, {&expected, 1}), -1)
          << static_cast<int>(activation) << " of " << rows[i];
    }
  }
}

TEST(Perturbations, OfEveryKindButSafeOnesAreDrawnAndTested) {
  for (int i = 0; i <= static_cast<int>(kLastPerturbation); ++i) {
    const auto kind = static_cast<PerturbationKind>(i);
    EXPECT_EQ(IsDrawn(kind), !IsSafe(kind)) << i;
    const bool is_tested = std::ranges::any_of(
        kSpecs, [&](const PerturbationSpec& spec) { return spec.kind == kind; });
    EXPECT_EQ(IsDrawn(kind), is_tested) << i;
  }
}

TEST_P(OnDevice, SaysWhatWouldFit) {
  const Network network(NetworkPreset("mnist_cnn"), {28, 28, 1}, 10);
  EXPECT_ERROR(Population(network, LayoutOf(network, 0), *queue_, 10 << 20),
               "the network needs 39 MiB of the graphics card for one member and 32 images, but 10 "
               "MiB are free: end what else uses the card, give fewer --threads, or take a smaller "
               "network");
}

TEST_P(OnDevice, SaysWhatWouldFitOfRows) {
  const Network network({.hidden = {{.units = 1024, .repeat = 2}}}, {1, 1, 300}, 10);
  EXPECT_ERROR(Population(network, LayoutOf(network, 0), *queue_, 10 << 20, Sights::kRows),
               "the network needs 15 MiB of the graphics card for one member and an observation, "
               "but 10 MiB are free");
}

TEST_P(OnDevice, SaysWhatRankWouldFit) {
  const Network network(NetworkPreset("mnist_small"), {28, 28, 1}, 10);
  const PolicyLayout layout = LayoutOf(network, 0);
  Population population(network, layout, *queue_, 8 << 20);
  const std::vector<float> centre(layout.policy_size());
  const std::span<const float> view = centre;
  population.SetParents({&view, 1}, {.kind = PerturbationKind::kLowRank, .rank = 1000});
  const Member member{.noise = Noise{.stream = {.seed = 1, .item = 2}, .sigma = 0.1f}};
  EXPECT_ERROR(population.Hold({&member, 1}),
               "members of rank 1000 need 95 MiB of the graphics card for products with their "
               "factors, but 1 MiB are set aside: lower the rank, end what else uses the card, or "
               "give fewer --threads");
}

TEST(HostDevice, HasNoMoreMemoryThanItWasGiven) {
  const auto device = MakeHostDevice(1000);
  EXPECT_ERROR(device->MakeQueue()->Allocate(1001), "the device has no memory left");
}

}  // namespace
}  // namespace dne::gpu
