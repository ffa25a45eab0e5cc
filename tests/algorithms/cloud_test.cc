// SPDX-License-Identifier: MIT
#include "dne/algorithms/cloud.h"

#include <gtest/gtest.h>

#include <string>

#include "dne/base/error.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

constexpr size_t kSize = 21;
const PolicyLayout kLayout{.num_parameters = kSize};

std::vector<float> NoiseOf(const CloudNoise& cloud, uint32_t member) {
  const uint32_t item = cloud.antithetic ? member - member % 2 : member;
  std::vector<float> noise(kSize);
  FillNormal({cloud.run_seed, cloud.generation, item, Purpose::kMutation}, 0, noise, Isa::kScalar);
  if (item != member) {
    for (float& number : noise) number = -number;
  }
  return noise;
}

TEST(Cloud, MembersArePairsOfACentreWhereAntithetic) {
  const Genome centre{.run_seed = 3, .founder = CentreBirth(4, 1), .mutations = {}};
  const CloudOptions pairs{.sigma = 0.5f};
  const Genome plus = CloudMember(pairs, centre, 7, 2);
  const Genome minus = CloudMember(pairs, centre, 7, 3);
  EXPECT_EQ(plus.founder, centre.founder);
  EXPECT_EQ(plus.birth(), (Birth{7, 2}));
  EXPECT_TRUE(AreMirrored(plus, minus));
  const CloudOptions single{.sigma = 0.5f, .antithetic = false};
  EXPECT_FALSE(AreMirrored(CloudMember(single, centre, 7, 2), CloudMember(single, centre, 7, 3)));
}

TEST(Cloud, SumsAreThoseOfEachMembersNoise) {
  const std::vector<double> weights = {0.5, -1, 2, 0.25};
  const double mean = 1.75 / 4;
  for (const bool antithetic : {false, true}) {
    const CloudNoise cloud{.run_seed = 5,
                           .generation = 2,
                           .antithetic = antithetic,
                           .perturbation = {PerturbationKind::kSpread},
                           .layout = kLayout};
    std::vector<double> sum(kSize);
    std::vector<double> squares(kSize);
    for (uint32_t i = 0; i < 4; ++i) {
      const std::vector<float> noise = NoiseOf(cloud, i);
      for (size_t j = 0; j < kSize; ++j) {
        const auto n = double{noise[j]};
        sum[j] += weights[i] * n;
        squares[j] += (weights[i] - mean) * (n * n - 1);
      }
    }
    const std::vector<float> actual_sum = cloud.Sum(weights);
    const std::vector<float> actual_squares = cloud.SumOfSquares(weights);
    for (size_t j = 0; j < kSize; ++j) {
      EXPECT_NEAR(actual_sum[j], sum[j], 1e-5);
      EXPECT_NEAR(actual_squares[j], squares[j], 1e-5);
    }
  }
}

// Long enough for several shares; terms reach those that they touch, in order.
TEST(Cloud, SumsAreTheSameForAnyPerturbationAndThreads) {
  const PolicyLayout layout{.num_parameters = 70'001,
                            .layers = {{.offset = 5, .inputs = 200, .outputs = 300}}};
  const std::vector<double> weights = {0.5, -1, 2, 0.25, 0, 3, 1, 1};
  for (const PerturbationSpec& spec :
       {PerturbationSpec{}, PerturbationSpec{PerturbationKind::kSigns},
        PerturbationSpec{.kind = PerturbationKind::kBucket, .bucket_size = 30'000},
        PerturbationSpec{.kind = PerturbationKind::kLowRank, .rank = 2}}) {
    const CloudNoise cloud{.run_seed = 5,
                           .generation = 2,
                           .antithetic = false,
                           .perturbation = spec,
                           .layout = layout,
                           .parallel = ThreadsFor(3)};
    std::vector<float> expected(layout.num_parameters);
    for (uint32_t i = 0; i < weights.size(); ++i) {
      const NoiseTerm term{{5, 2, i, Purpose::kMutation}, static_cast<float>(weights[i])};
      MakePerturbation(spec)->AddNoise({&term, 1}, layout, 0, expected, Isa::kScalar);
    }
    EXPECT_EQ(cloud.Sum(weights), expected);
  }
}

TEST(Cloud, PairsNeedAnEvenNumberOfWeights) {
  const CloudNoise cloud{.layout = kLayout};
  EXPECT_THROW(cloud.Sum(std::vector<double>{1, 2, 3}), BugError);
}

Result Of(std::vector<Episode> episodes, std::vector<EpisodeNotes> notes) {
  Result result;
  result.episodes = std::move(episodes);
  result.notes = std::move(notes);
  return result;
}

CloudResults TwoBatches() {
  CloudResults members;
  members.Add(std::vector{
      Of({{.score = 1, .steps = 10, .end = EpisodeEnd::kStepLimit}, {.score = 4, .steps = 5}},
         {{.sign_sum = 2}, {.sign_sum = -3}})});
  members.Add(std::vector{Of({{.score = 7, .steps = 2, .end = EpisodeEnd::kInvalid}}, {})});
  return members;
}

TEST(Cloud, ResultsOfBatchesStandOneAfterTheOther) {
  const CloudResults members = TwoBatches();
  EXPECT_EQ(members.size(), 2u);
  EXPECT_EQ(members.fitness, (std::vector<double>{2.5, 7}));
  EXPECT_EQ(members.sign_sums, (std::vector<double>{-1, 0}));
  EXPECT_EQ(members.is_broken, (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(members.steps, 17u);
  EXPECT_EQ(members.episodes, 3u);
  EXPECT_EQ(members.cut_off, 1u);
}

TEST(Cloud, ResultsAreReadAsTheyWereSaved) {
  CloudResults members = TwoBatches();
  members.behaviours = {{.point = {1, 2}, .trajectory = {}}, {.point = {}, .trajectory = {3}}};
  ByteWriter out;
  members.Save(out);
  const std::string bytes = out.Take();
  ByteReader in(bytes);
  const CloudResults read = CloudResults::Read(in);
  in.ExpectEnd();
  EXPECT_EQ(read.fitness, members.fitness);
  EXPECT_EQ(read.sign_sums, members.sign_sums);
  EXPECT_EQ(read.is_broken, members.is_broken);
  EXPECT_EQ(read.behaviours, members.behaviours);
  EXPECT_EQ(read.steps, members.steps);
  EXPECT_EQ(read.episodes, members.episodes);
  EXPECT_EQ(read.cut_off, members.cut_off);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader damaged(std::string_view(bytes).substr(0, size));
    EXPECT_THROW(CloudResults::Read(damaged), Error) << size;
  }
}

}  // namespace
}  // namespace dne
