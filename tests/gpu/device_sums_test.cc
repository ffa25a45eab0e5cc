// SPDX-License-Identifier: MIT
// Sums of noise on a device against those of the processor, bit for bit.
#include "dne/gpu/device_sums.h"

#include <gtest/gtest.h>

#include "dne/tasks/episode_task.h"
#include "tests/gpu/devices.h"
#include "tests/nn/forward_checks.h"

namespace dne::gpu {
namespace {

class DeviceSums : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(All, DeviceSums, testing::ValuesIn(DeviceNames()),
                         [](const auto& info) { return info.param; });

// Some of weight 0.
std::vector<NoiseTerm> SomeTerms(uint32_t count) {
  Stream random = Random(5);
  std::vector<NoiseTerm> terms;
  for (uint32_t i = 0; i < count; ++i) {
    terms.push_back(
        {.id = {.seed = 3, .generation = 9, .item = 2 * i, .purpose = Purpose::kMutation},
         .weight = i % 7 == 3 ? 0.0f : random.NextFloat() - 0.5f});
  }
  return terms;
}

TEST_P(DeviceSums, AreThoseOfTheProcessorForEveryPerturbation) {
  const PerturbationSpec kSpecs[] = {{},
                                     {.kind = PerturbationKind::kSpread},
                                     {.kind = PerturbationKind::kSigns},
                                     {.kind = PerturbationKind::kBucket, .bucket_size = 100},
                                     {.kind = PerturbationKind::kLowRank, .rank = 1},
                                     {.kind = PerturbationKind::kLowRank, .rank = 3}};
  const auto sums = SumsOn(std::shared_ptr<Device>(MakeDevice(GetParam())));
  for (uint32_t item = 0; item < 12; ++item) {
    const Network network = RandomNetwork(item);
    const PolicyLayout layout = LayoutOf(network, 0);
    for (const PerturbationSpec& spec : kSpecs) {
      const auto perturbation = MakePerturbation(spec);
      const std::vector<NoiseTerm> terms = SomeTerms(1 + item * 5);
      for (const bool squares : {false, true}) {
        if (squares && !perturbation->has_spreads()) continue;
        std::vector<float> expected(layout.num_parameters);
        if (squares) {
          perturbation->AddSquares(terms, layout, 0, expected, Isa::kScalar);
        } else {
          perturbation->AddNoise(terms, layout, 0, expected, Isa::kScalar);
        }
        ASSERT_EQ(FirstDifference(sums->Sum(spec, layout, terms, squares), expected), -1)
            << "network " << item << ", kind " << static_cast<int>(spec.kind);
      }
    }
  }
}

}  // namespace
}  // namespace dne::gpu
