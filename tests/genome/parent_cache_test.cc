// SPDX-License-Identifier: MIT
// The cache changes how long decoding takes, never what comes out.
#include "dne/genome/parent_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "dne/random/normal.h"
#include "tests/genome/fake_model.h"
#include "tests/genome/lineages.h"

namespace dne {
namespace {

constexpr size_t kSize = 1003;
constexpr size_t kFixed = 4;  // numbers behind the parameters that never mutate
const PolicyLayout kNormalising{.num_parameters = kSize, .num_normalised = kFixed / 2};

// Counts the founders that were decoded from scratch.
struct Counted {
  ParentCache Cache() {
    return ParentCache(
        {.num_parameters = kSize},
        [this](const StreamId& id, std::span<float> out) {
          ++calls;
          InitialiseForTest(id, out);
        },
        BestIsa());
  }
  std::atomic<int> calls = 0;
};

std::vector<float> FromCache(const ParentCache& cache, const Genome& genome) {
  std::vector<float> out(kSize);
  cache.Express(genome, out);
  return out;
}

Genome Founder(uint32_t item) { return {.run_seed = 5, .founder = {0, item}}; }

TEST(ParentCache, EmptyCacheDecodesFromScratch) {
  Counted counted;
  const ParentCache cache = counted.Cache();
  const Genome genome = Lineage(5, 4, 100, 3);
  EXPECT_EQ(cache.held(), 0u);
  EXPECT_EQ(FromCache(cache, genome), Expressed(genome, kSize));
  EXPECT_EQ(FromCache(cache, Founder(3)), Expressed(Founder(3), kSize));
}

TEST(ParentCache, CentresAndTheirCloudComeFromTheGivenNumbers) {
  ParentCache cache(kNormalising, InitialiseForTest, BestIsa());
  auto numbers = std::make_shared<std::vector<float>>(kSize + kFixed);
  for (size_t i = 0; i < numbers->size(); ++i) (*numbers)[i] = static_cast<float>(i);
  const Centre centre{CentreBirth(4, 1), numbers};
  cache.Hold({}, {&centre, 1});
  const Genome itself{.run_seed = 5, .founder = centre.birth, .mutations = {}};
  const Genome member = Child(itself, {{9, 2}, 0.1f});
  std::vector<float> out(kSize + kFixed);
  cache.Express(itself, out);
  EXPECT_EQ(out, *numbers);
  cache.Express(member, out);
  EXPECT_EQ(std::vector(out.end() - kFixed, out.end()),
            std::vector(numbers->end() - kFixed, numbers->end()));
  std::vector<float> expected(kSize);
  AddNormal({.seed = 5, .generation = 9, .item = 2, .purpose = Purpose::kMutation}, 0.1f,
            std::span(*numbers).first(kSize), expected, Isa::kScalar);
  EXPECT_EQ(std::vector(out.begin(), out.end() - kFixed), expected);
  const Genome mirror = Child(itself, {{9, 3}, 0.1f, true});
  EXPECT_TRUE(AreMirrored(member, mirror));
  EXPECT_FALSE(AreMirrored(mirror, member));
  EXPECT_FALSE(AreMirrored(member, Child(itself, {{9, 4}, 0.1f, true})));
  EXPECT_FALSE(AreMirrored(itself, member));
  std::vector<float> alone(kSize + kFixed);
  cache.Express(mirror, alone);
  std::vector<float> first(kSize + kFixed);
  std::vector<float> second(kSize + kFixed);
  cache.ExpressPair(member, first, second);
  EXPECT_EQ(first, out);
  EXPECT_EQ(second, alone);
  cache.Hold({}, {});
  EXPECT_THROW(cache.Express(member, out), BugError) << "nobody knows the centre any more";
}

TEST(ParentCache, ACentresSpreadsScaleItsCloud) {
  ParentCache cache(kNormalising, InitialiseForTest, BestIsa());
  auto numbers = std::make_shared<std::vector<float>>(2 * kSize + kFixed);
  for (size_t i = 0; i < numbers->size(); ++i) (*numbers)[i] = 0.01f * static_cast<float>(i % 97);
  const Centre centre{CentreBirth(4, 0), numbers};
  cache.Hold({}, {&centre, 1}, {PerturbationKind::kSpread});
  const Genome itself{.run_seed = 5, .founder = centre.birth, .mutations = {}};
  std::vector<float> out(kSize + kFixed);
  cache.Express(itself, out);
  EXPECT_EQ(out, std::vector(numbers->begin(), numbers->begin() + kSize + kFixed));

  const Genome member = Child(itself, {{9, 2}, 0.1f});
  std::vector<float> noise(kSize);
  FillNormal({.seed = 5, .generation = 9, .item = 2, .purpose = Purpose::kMutation}, 0, noise,
             Isa::kScalar);
  cache.Express(member, out);
  for (size_t i = 0; i < kSize; ++i) {
    ASSERT_EQ(out[i], std::fma(0.1f, (*numbers)[kSize + kFixed + i] * noise[i], (*numbers)[i]));
  }
  EXPECT_TRUE(std::equal(out.end() - kFixed, out.end(), numbers->begin() + kSize));

  std::vector<float> mirror(kSize + kFixed), first(kSize + kFixed), second(kSize + kFixed);
  cache.Express(Child(itself, {{9, 3}, 0.1f, true}), mirror);
  cache.ExpressPair(member, first, second);
  EXPECT_EQ(first, out);
  EXPECT_EQ(second, mirror);
}

TEST(ParentCache, CentresHaveSpreadsWhereTheirPerturbationDoes) {
  ParentCache cache(kNormalising, InitialiseForTest, BestIsa());
  const auto centre = [](bool has_spreads) {
    return Centre{CentreBirth(4, 0),
                  std::make_shared<std::vector<float>>(kNormalising.centre_size(has_spreads))};
  };
  const Centre plain = centre(false);
  const Centre spread = centre(true);
  EXPECT_THROW(cache.Hold({}, {&spread, 1}, {PerturbationKind::kGaussian}), BugError);
  EXPECT_THROW(cache.Hold({}, {&plain, 1}, {PerturbationKind::kSpread}), BugError);
}

// A trunk of 10 that forks into branches, one of which forks again; and a founder's other line.
TEST(ParentCache, CommonAncestorsAreDecodedOnce) {
  Genome trunk = Founder(1);
  for (uint32_t g = 1; g <= 10; ++g) trunk = Child(trunk, {{g, g % 3}, 0.1f});
  const Genome left = Child(Child(trunk, {{11, 0}, 0.1f}), {{12, 0}, 0.1f});
  const Genome middle = Child(trunk, {{11, 1}, 0.1f});
  const Genome twig = Child(Child(middle, {{12, 1}, 0.1f}), {{13, 1}, 0.1f});
  const Genome other_twig = Child(Child(middle, {{12, 2}, 0.1f}), {{14, 0}, 0.1f});
  const Genome other = Child(Child(Founder(1), {{3, 9}, 0.1f}), {{4, 4}, 0.1f});
  const Genome stranger = Child(Child(Founder(2), {{1, 1}, 0.1f}), {{2, 1}, 0.1f});
  const std::vector<Genome> all = {twig, stranger, left, middle, other_twig, other};

  FakeModel model;
  const PerturbationSpec spec{.kind = PerturbationKind::kSafeSum, .experience = 5};
  ParentCache cache({.num_parameters = kSize}, InitialiseForTest, BestIsa());
  cache.Hold(all, {}, spec, &model);
  EXPECT_EQ(cache.held(), all.size());
  // Each looked at once, though it may have several children: founders 1 and 2, the trunk, and
  // behind it 1 (left), 1 (middle) and 2 (twigs), then one each of the two other lines.
  EXPECT_EQ(model.plays, 2 + 10 + 1 + 1 + 2 + 1 + 1);

  for (const Genome& genome : all) {
    ParentCache scratch({.num_parameters = kSize}, InitialiseForTest, BestIsa());
    scratch.Hold({}, {}, spec, &model);
    std::vector<float> held(kSize), expected(kSize);
    cache.Express(genome, held, &model);
    scratch.Express(genome, expected, &model);
    EXPECT_EQ(held, expected) << GenomeToText(genome);
  }
}

TEST(ParentCache, HeldParentsAndTheirChildrenAreNotDecodedFromScratch) {
  Counted counted;
  ParentCache cache = counted.Cache();
  const Genome parent = Lineage(5, 4, 100, 3);
  const std::vector<Genome> parents = {parent, Founder(3)};
  cache.Hold(parents);
  EXPECT_EQ(cache.held(), 2u);
  EXPECT_EQ(counted.calls, 2);
  for (const Genome& genome :
       {parent, Founder(3), Child(parent, {{90, 1}, 0.1f}), Child(Founder(3), {{90, 2}, 0.1f})}) {
    EXPECT_EQ(FromCache(cache, genome), Expressed(genome, kSize)) << GenomeToText(genome);
  }
  EXPECT_EQ(counted.calls, 2);
}

TEST(ParentCache, UnrelatedGenomesGiveTheSameBits) {
  Counted counted;
  ParentCache cache = counted.Cache();
  const Genome parent = Lineage(5, 4, 100, 3);
  cache.Hold(std::vector<Genome>{parent});
  const Genome grandchild = Child(Child(parent, {{90, 1}, 0.1f}), {{91, 1}, 0.1f});
  for (const Genome& genome : {grandchild, Founder(4), Child(Founder(4), {{1, 1}, 0.1f})}) {
    EXPECT_EQ(FromCache(cache, genome), Expressed(genome, kSize)) << GenomeToText(genome);
  }
}

TEST(ParentCache, HoldKeepsExactlyTheParents) {
  Counted counted;
  ParentCache cache = counted.Cache();
  cache.Hold(std::vector<Genome>{Founder(1), Founder(2), Founder(3)});
  EXPECT_EQ(cache.held(), 3u);
  cache.Hold(std::vector<Genome>{Founder(2), Founder(2)});
  EXPECT_EQ(cache.held(), 1u);
  EXPECT_EQ(counted.calls, 3);
  FromCache(cache, Founder(2));
  EXPECT_EQ(counted.calls, 3) << "2 is held";
  FromCache(cache, Founder(1));
  EXPECT_EQ(counted.calls, 4) << "1 is no longer held";
  cache.Hold({});
  EXPECT_EQ(cache.held(), 0u);
}

TEST(ParentCache, SuccessorsAreDecodedFromTheirHeldParents) {
  Counted counted;
  ParentCache cache = counted.Cache();
  cache.Hold(std::vector<Genome>{Founder(1), Founder(2), Founder(3)});
  // Two children of 1; 2 stays and has a child, which has a child itself; 3 goes.
  const Genome child = Child(Founder(2), {{1, 3}, 0.1f});
  const std::vector<Genome> parents = {Child(child, {{2, 1}, 0.1f}),
                                       Child(Founder(1), {{1, 1}, 0.1f}), Founder(2), child,
                                       Child(Founder(1), {{1, 2}, 0.2f})};
  cache.Hold(parents);
  EXPECT_EQ(cache.held(), 5u);
  EXPECT_EQ(counted.calls, 3);
  for (const Genome& genome : parents) {
    EXPECT_EQ(FromCache(cache, genome), Expressed(genome, kSize)) << GenomeToText(genome);
  }
  EXPECT_EQ(counted.calls, 3);
}

TEST(ParentCache, GivesTheSameBitsAllThroughARun) {
  Counted counted;
  ParentCache cache = counted.Cache();
  Stream random({.seed = 6, .purpose = Purpose::kBenchmark});
  std::vector<Genome> parents;
  for (uint32_t item = 0; item < 8; ++item) parents.push_back(Founder(item));
  for (uint32_t generation = 1; generation < 30; ++generation) {
    cache.Hold(parents);
    ASSERT_EQ(cache.held(), parents.size());
    std::vector<Genome> next = {parents[random.Below(8)]};  // the elite lives on
    for (uint32_t item = 0; item < 7; ++item) {
      next.push_back(Child(parents[random.Below(8)], {{generation, item}, 0.1f}));
      ASSERT_EQ(FromCache(cache, next.back()), Expressed(next.back(), kSize));
    }
    parents = next;
  }
  EXPECT_EQ(counted.calls, 8);
}

TEST(ParentCache, FourThreadsExpressAtOnce) {
  Counted counted;
  ParentCache cache = counted.Cache();
  const Genome parent = Lineage(5, 4, 100, 3);
  cache.Hold(std::vector<Genome>{parent, Founder(3)});
  const std::vector<Genome> genomes = {parent, Child(parent, {{90, 1}, 0.1f}), Founder(4),
                                       Child(Founder(3), {{1, 1}, 0.1f})};
  std::vector<std::vector<float>> expected;
  for (const Genome& genome : genomes) expected.push_back(Expressed(genome, kSize));
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (size_t i = 0; i < 100; ++i) {
        const size_t which = (thread + i) % genomes.size();
        wrong += FromCache(cache, genomes[which]) != expected[which];
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

TEST(ParentCache, OutputOfAnotherSizeIsABug) {
  Counted counted;
  const ParentCache cache = counted.Cache();
  std::vector<float> out(kSize + 1);
  EXPECT_THROW(cache.Express(Founder(1), out), BugError);
}

}  // namespace
}  // namespace dne
