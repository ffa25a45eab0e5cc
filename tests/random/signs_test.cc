// SPDX-License-Identifier: MIT
// The signs: each the bit that the header names, one set of bits on every code path, golden values,
// and what coins are expected to do.
#include "dne/random/signs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/random/normal.h"

namespace dne {
namespace {

constexpr StreamId kId{
    .seed = 0x0123456789abcdef, .generation = 17, .item = 655, .purpose = Purpose::kMutation};

// Sizes around vectors, blocks and the kernels' groups.
std::vector<size_t> Sizes() {
  std::vector<size_t> sizes = {1535, 1536, 1537, 3071, 3072, 3073, 3203, 9999};
  for (size_t size = 0; size < 300; ++size) sizes.push_back(size);
  return sizes;
}

// The header's definition, word by word.
float Sign(const StreamId& id, size_t i) {
  const uint32_t word = PhiloxBlock(id, static_cast<uint32_t>(i / 128))[(i / 32) % 4];
  return (word >> (i % 32)) & 1 ? -1.0f : 1.0f;
}

std::vector<float> Base(size_t size) {
  std::vector<float> base(size);
  FillNormal({.seed = 3}, 0, base, Isa::kScalar);
  return base;
}

std::vector<float> Signs(const StreamId& id, size_t size, Isa isa) {
  std::vector<float> signs(size);
  AddSigns(id, 1, signs, signs, isa);
  return signs;
}

class SignsOf : public testing::TestWithParam<Isa> {};

TEST_P(SignsOf, EachIsTheBitOfItsNumber) {
  for (const size_t size : Sizes()) {
    const std::vector<float> base = Base(size);
    std::vector<float> expected(size);
    for (size_t i = 0; i < size; ++i) expected[i] = base[i] + 0.02f * Sign(kId, i);
    std::vector<float> out(size);
    AddSigns(kId, 0.02f, base, out, GetParam());
    ASSERT_EQ(out, expected) << size;
    std::vector<float> in_place = base;
    AddSigns(kId, 0.02f, in_place, in_place, GetParam());
    ASSERT_EQ(in_place, expected) << size;
  }
}

TEST_P(SignsOf, PairsAreTwoAdditions) {
  for (const size_t size : Sizes()) {
    const std::vector<float> base = Base(size);
    std::vector<float> plus(size), minus(size), expected(size);
    AddSignsPair(kId, 0.02f, base, plus, minus, GetParam());
    AddSigns(kId, 0.02f, base, expected, Isa::kScalar);
    ASSERT_EQ(plus, expected) << size;
    AddSigns(kId, -0.02f, base, expected, Isa::kScalar);
    ASSERT_EQ(minus, expected) << size;
  }
}

TEST_P(SignsOf, TouchNothingBehindTheEnd) {
  for (const size_t size : Sizes()) {
    std::vector<float> plus(size + 64, 5.0f), minus(size + 64, 5.0f);
    AddSignsPair(kId, 1, Base(size), std::span(plus).first(size), std::span(minus).first(size),
                 GetParam());
    for (const std::vector<float>& out : {plus, minus}) {
      ASSERT_TRUE(std::all_of(out.end() - 64, out.end(), [](float value) { return value == 5; }));
    }
  }
}

TEST_P(SignsOf, AMillionHaveTheCommittedDigest) {
  Digest digest;
  for (const float sign : Signs(kId, 1000000, GetParam())) digest.Add(sign);
  EXPECT_EQ(digest.value(), 0x2ee1b59c5658be25u);
}

INSTANTIATE_TEST_SUITE_P(AllSupported, SignsOf, testing::ValuesIn(SupportedIsas()),
                         [](const auto& tested) { return std::string(IsaName(tested.param)); });

TEST(SignsBounds, DifferentSizesAreABug) {
  std::vector<float> base(4), four(4), five(5);
  EXPECT_THROW(AddSigns(kId, 1, base, five, Isa::kScalar), BugError);
  EXPECT_THROW(AddSignsPair(kId, 1, base, five, four, Isa::kScalar), BugError);
  EXPECT_THROW(AddSignsPair(kId, 1, base, four, five, Isa::kScalar), BugError);
}

double Correlation(const std::vector<float>& a, const std::vector<float>& b, size_t lag = 0) {
  double sum = 0;
  for (size_t i = lag; i < a.size(); ++i) sum += double{a[i]} * double{b[i - lag]};
  return sum / static_cast<double>(a.size() - lag);
}

// Bounds are four standard errors at a million draws.
constexpr size_t kDraws = 1000000;

TEST(SignsStatistics, BothAreAsLikely) {
  const std::vector<float> signs = Signs(kId, kDraws, BestIsa());
  EXPECT_NEAR(Correlation(signs, std::vector(kDraws, 1.0f)), 0, 4e-3);
}

TEST(SignsStatistics, NumbersOfOneStreamAreUncorrelated) {
  const std::vector<float> signs = Signs(kId, kDraws, BestIsa());
  for (const size_t lag : {1, 2, 3, 31, 32, 64, 128}) {
    EXPECT_NEAR(Correlation(signs, signs, lag), 0, 4e-3) << lag;
  }
}

TEST(SignsStatistics, NeighbouringStreamsAreUncorrelated) {
  const std::vector<float> signs = Signs(kId, kDraws, BestIsa());
  std::vector<StreamId> neighbours(3, kId);
  neighbours[0].item += 1;
  neighbours[1].generation += 1;
  neighbours[2].seed += 1;
  for (const StreamId& neighbour : neighbours) {
    EXPECT_NEAR(Correlation(signs, Signs(neighbour, kDraws, BestIsa())), 0, 4e-3);
  }
}

}  // namespace
}  // namespace dne
