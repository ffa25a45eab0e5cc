// SPDX-License-Identifier: MIT
// Ancestry, and its decoding to parameters.
#include "dne/genome/genome.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dne/base/digest.h"
#include "tests/genome/lineages.h"

namespace dne {
namespace {

constexpr size_t kSize = 1003;

TEST(Genome, BirthIsTheLastMutationsOrTheFounders) {
  const Genome founder{.run_seed = 7, .founder = {0, 17}};
  EXPECT_EQ(founder.birth(), (Birth{0, 17}));
  EXPECT_EQ(Child(founder, {{1, 4}, 0.1f}).birth(), (Birth{1, 4}));
}

TEST(Genome, ChildIsTheParentWithOneMoreMutation) {
  const Genome parent = Lineage(7, 3, 10, 2);
  const Genome child = Child(parent, {{99, 5}, 0.25f});
  EXPECT_EQ(child.run_seed, parent.run_seed);
  EXPECT_EQ(child.founder, parent.founder);
  ASSERT_EQ(child.mutations.size(), 4u);
  EXPECT_EQ(child.mutations[3], (Mutation{{99, 5}, 0.25f}));
  Genome without_last = child;
  without_last.mutations.pop_back();
  EXPECT_EQ(without_last, parent);
}

TEST(Genome, ChildBornNoLaterThanItsParentIsABug) {
  const Genome parent{.founder = {3, 0}};
  EXPECT_THROW(Child(parent, {{3, 1}, 0.1f}), BugError);
  EXPECT_THROW(Child(parent, {{2, 1}, 0.1f}), BugError);
}

TEST(Mutation, SigmaIsFiniteAndNotNegative) {
  for (float sigma : {0.0f, 1e-45f, 0.002f, 3.4e38f}) {
    EXPECT_TRUE((Mutation{{1, 0}, sigma}.IsValid())) << sigma;
  }
  const float infinity = std::numeric_limits<float>::infinity();
  for (float sigma : {-0.1f, -0.0f, infinity, -infinity, std::nanf("")}) {
    EXPECT_FALSE((Mutation{{1, 0}, sigma}.IsValid())) << sigma;
    EXPECT_THROW(Child(Genome{}, {{1, 0}, sigma}), BugError);
  }
}

TEST(Mutation, MirrorsAnItemBeforeBySomeSigma) {
  EXPECT_TRUE((Mutation{{1, 1}, 0.1f, true}.IsValid()));
  EXPECT_FALSE((Mutation{{1, 0}, 0.1f, true}.IsValid()));
  EXPECT_FALSE((Mutation{{1, 1}, 0.0f, true}.IsValid()));
}

TEST(Mutation, MakesNoCentre) { EXPECT_FALSE((Mutation{CentreBirth(1, 1), 0.1f}.IsValid())); }

TEST(Mutation, SignedSigmaHoldsSigmaAndMirrored) {
  for (const Mutation& mutation : {Mutation{{1, 1}, 0.25f}, Mutation{{1, 1}, 0.25f, true}}) {
    EXPECT_EQ(mutation.signed_sigma(), mutation.mirrored ? -0.25f : 0.25f);
    EXPECT_EQ(Mutation::FromSigned({1, 1}, mutation.signed_sigma()), mutation);
  }
}

TEST(Birth, OfAGenerationChildrenComeBeforeCentres) {
  EXPECT_LT((Birth{4, 1000}), CentreBirth(4, 0));
  EXPECT_LT(CentreBirth(4, 0), CentreBirth(4, 1));
  EXPECT_LT(CentreBirth(4, 1), (Birth{5, 0}));
}

TEST(Genome, AMirroredMutationTurnsTheNoiseOfTheItemBeforeRound) {
  const Genome founder{.run_seed = 5, .founder = {0, 3}, .mutations = {}};
  const std::vector<float> middle = Expressed(founder, kSize);
  const std::vector<float> plus = Expressed(Child(founder, {{1, 6}, 0.1f}), kSize);
  const std::vector<float> minus = Expressed(Child(founder, {{1, 7}, 0.1f, true}), kSize);
  for (size_t i = 0; i < kSize; ++i) {
    EXPECT_NEAR(plus[i] - middle[i], middle[i] - minus[i], 1e-6);
  }
}

TEST(Genome, DecodingTwiceGivesTheSameWeights) {
  const Genome genome = Lineage(11, 20, 1000, 8);
  EXPECT_EQ(Expressed(genome, kSize), Expressed(genome, kSize));
}

TEST(Genome, EveryCodePathDecodesTheSameBits) {
  const Genome genome = Lineage(11, 20, 1000, 8);
  for (Isa isa : SupportedIsas())
    EXPECT_EQ(Expressed(genome, kSize, isa), Expressed(genome, kSize));
}

TEST(Genome, WeightsAreTheFoundersPlusEachMutationsNoiseInOrder) {
  const Genome genome{
      .run_seed = 7, .founder = {0, 17}, .mutations = {{{1, 4}, 0.5f}, {{3, 2}, 0.25f}}};
  std::vector<float> expected(kSize), noise(kSize);
  InitialiseForTest({.seed = 7, .generation = 0, .item = 17, .purpose = Purpose::kFounder},
                    expected);
  for (const Mutation& mutation : genome.mutations) {
    FillNormal({.seed = 7,
                .generation = mutation.birth.generation,
                .item = mutation.birth.item,
                .purpose = Purpose::kMutation},
               0, noise, Isa::kScalar);
    for (size_t i = 0; i < kSize; ++i) {
      expected[i] = std::fma(mutation.sigma, noise[i], expected[i]);
    }
  }
  EXPECT_EQ(Expressed(genome, kSize), expected);
}

TEST(Genome, LastNoiseAloneGivesTheSameBitsInPlaceOrNot) {
  const Genome parent = Lineage(11, 5, 1000, 8);
  const Genome child = Child(parent, {{100, 3}, 0.01f});
  const PolicyLayout layout{.num_parameters = kSize};
  const auto gaussian = MakePerturbation({});
  const Noise noise = NoiseOf(child.run_seed, child.mutations.back());
  std::vector<float> weights = Expressed(parent, kSize);
  const ParentView view{.parameters = weights, .spreads = {}, .layout = layout};
  std::vector<float> out(kSize);
  gaussian->Perturb(noise, view, out, Isa::kScalar);
  EXPECT_EQ(out, Expressed(child, kSize));
  gaussian->Perturb(noise, view, weights, Isa::kScalar);
  EXPECT_EQ(weights, out);
}

TEST(Genome, DecodesToTheCommittedDigest) {
  Digest digest;
  for (float value : Expressed(Lineage(11, 20, 1000, 8), 10000, BestIsa())) digest.Add(value);
  EXPECT_EQ(digest.value(), 0xfbedced3b18c3515u);
}

}  // namespace
}  // namespace dne
