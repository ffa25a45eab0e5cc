// SPDX-License-Identifier: MIT
// The normal noise: exactness against double precision, one set of bits on every code path, golden
// values, and the moments of a normal distribution.
#include "dne/random/normal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/random/philox.h"

namespace dne {
namespace {

constexpr StreamId kId{
    .seed = 0x0123456789abcdef, .generation = 17, .item = 655, .purpose = Purpose::kMutation};

std::vector<float> Numbers(const StreamId& id, size_t size, Isa isa, size_t first = 0) {
  std::vector<float> out(size);
  FillNormal(id, first, out, isa);
  return out;
}

std::vector<uint32_t> Bits(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  for (float value : values) bits.push_back(std::bit_cast<uint32_t>(value));
  return bits;
}

// What normal.h and normal_kernels.h define, in double precision.
std::array<double, 2> Oracle(uint32_t w0, uint32_t w1) {
  const double u = (double{static_cast<float>(static_cast<int32_t>(w0 >> 1)) + 0.5f}) / 0x1p31;
  const double radius = std::sqrt(-2 * std::log(u)) * (w1 >> 31 ? -1 : 1);
  const double x = static_cast<int32_t>(w1 << 2) / 0x1p31 * std::numbers::pi / 4;
  const bool mirrored = (w1 >> 30) & 1;
  return {radius * (mirrored ? std::sin(x) : std::cos(x)),
          radius * (mirrored ? std::cos(x) : std::sin(x))};
}

class Normal : public testing::TestWithParam<Isa> {};

// The block whose words are `words`: Philox is a bijection of the counter, run backwards here.
struct Address {
  StreamId id;
  uint32_t block;
};

uint32_t InverseModulo2To32(uint32_t odd) {
  uint32_t inverse = odd;  // right to 3 bits; each step doubles them
  for (int i = 0; i < 4; ++i) inverse *= 2 - odd * inverse;
  return inverse;
}

Address BlockWithWords(std::array<uint32_t, 4> c) {
  for (uint32_t round = philox::kRounds; round-- > 0;) {
    const uint32_t c0 = c[3] * InverseModulo2To32(philox::kMultiplier0);
    const uint32_t c2 = c[1] * InverseModulo2To32(philox::kMultiplier1);
    const auto high0 = static_cast<uint32_t>(uint64_t{philox::kMultiplier0} * c0 >> 32);
    const auto high1 = static_cast<uint32_t>(uint64_t{philox::kMultiplier1} * c2 >> 32);
    c = {c0, c[0] ^ high1 ^ (round * philox::kKeyStep0), c2,
         c[2] ^ high0 ^ (round * philox::kKeyStep1)};  // the key of seed 0
  }
  return {{.generation = c[2], .item = c[1], .purpose = static_cast<Purpose>(c[3])}, c[0]};
}

TEST_P(Normal, IsExactAndTheSameAtExtremeWords) {
  std::vector<uint32_t> words;
  for (uint32_t octant = 0; octant < 8; ++octant) {
    for (uint32_t offset : {0, 1, 2, 3, -1, -2, -3}) words.push_back((octant << 29) + offset);
  }
  for (uint32_t w0 : words) {
    for (uint32_t w1 : words) {
      const Address at = BlockWithWords({w0, w1, w1, w0});
      ASSERT_EQ(PhiloxBlock(at.id, at.block), (std::array<uint32_t, 4>{w0, w1, w1, w0}));
      const auto numbers = Numbers(at.id, 4, GetParam(), size_t{4} * at.block);
      ASSERT_EQ(Bits(numbers), Bits(Numbers(at.id, 4, Isa::kScalar, size_t{4} * at.block)));
      const auto [n0, n1] = Oracle(w0, w1);
      const auto [n2, n3] = Oracle(w1, w0);
      const double exact[] = {n0, n1, n2, n3};
      for (size_t i = 0; i < 4; ++i) {
        ASSERT_LT(std::abs(double{numbers[i]} - exact[i]), 1e-6) << i << " " << w0 << " " << w1;
      }
    }
  }
}

TEST_P(Normal, IsWithinAMillionthOfDoublePrecision) {
  constexpr size_t kSize = 1 << 20;
  const auto numbers = Numbers(kId, kSize, GetParam());
  double worst = 0;
  for (size_t i = 0; i < kSize; i += 4) {
    const auto w = PhiloxBlock(kId, static_cast<uint32_t>(i / 4));
    for (size_t pair : {0, 2}) {
      const auto exact = Oracle(w[pair], w[pair + 1]);
      worst = std::max(worst, std::abs(double{numbers[i + pair]} - exact[0]));
      worst = std::max(worst, std::abs(double{numbers[i + pair + 1]} - exact[1]));
    }
  }
  EXPECT_LT(worst, 1e-6);
}

TEST_P(Normal, HasTheBitsOfTheReferenceAtEverySizeAndStart) {
  for (size_t first : {0, 4, 20, 1 << 20}) {
    for (size_t size = 0; size < 220; ++size) {
      ASSERT_EQ(Bits(Numbers(kId, size, GetParam(), first)),
                Bits(Numbers(kId, size, Isa::kScalar, first)))
          << first << " " << size;
    }
  }
}

TEST_P(Normal, AddHasTheBitsOfTheReferenceAtEverySize) {
  for (size_t size = 0; size < 220; ++size) {
    const auto base = Numbers({.seed = 3}, size, Isa::kScalar);
    std::vector<float> reference(size);
    AddNormal(kId, 0.002f, base, reference, Isa::kScalar);
    std::vector<float> out(size);
    AddNormal(kId, 0.002f, base, out, GetParam());
    ASSERT_EQ(Bits(out), Bits(reference)) << size;
    std::vector<float> in_place = base;
    AddNormal(kId, 0.002f, in_place, in_place, GetParam());
    ASSERT_EQ(Bits(in_place), Bits(reference)) << size;
  }
}

TEST_P(Normal, PairHasTheBitsOfTwoAdditionsAtEverySize) {
  for (size_t size = 0; size < 220; ++size) {
    const auto base = Numbers({.seed = 3}, size, Isa::kScalar);
    std::vector<float> plus(size), minus(size), expected(size);
    AddNormalPair(kId, 0.02f, base, plus, minus, GetParam());
    AddNormal(kId, 0.02f, base, expected, Isa::kScalar);
    ASSERT_EQ(Bits(plus), Bits(expected)) << size;
    AddNormal(kId, -0.02f, base, expected, Isa::kScalar);
    ASSERT_EQ(Bits(minus), Bits(expected)) << size;
  }
}

TEST_P(Normal, AddIsOneFusedMultiplyAddANumber) {
  const auto base = Numbers({.seed = 3}, 1000, GetParam());
  const auto numbers = Numbers(kId, 1000, GetParam());
  std::vector<float> out(1000);
  AddNormal(kId, 0.1f, base, out, GetParam());
  for (size_t i = 0; i < out.size(); ++i) {
    EXPECT_EQ(out[i], std::fma(0.1f, numbers[i], base[i])) << i;
  }
}

TEST_P(Normal, ScaledAddMultipliesEachNumberFirst) {
  for (size_t size = 0; size < 220; ++size) {
    const auto base = Numbers({.seed = 3}, size, Isa::kScalar);
    const auto scale = Numbers({.seed = 4}, size, Isa::kScalar);
    const auto numbers = Numbers(kId, size, Isa::kScalar);
    std::vector<float> expected(size);
    for (size_t i = 0; i < size; ++i) expected[i] = std::fma(0.1f, scale[i] * numbers[i], base[i]);
    std::vector<float> out(size);
    AddNormal(kId, 0.1f, base, out, GetParam(), scale);
    ASSERT_EQ(Bits(out), Bits(expected)) << size;
    std::vector<float> plus(size), minus(size);
    AddNormalPair(kId, 0.1f, base, plus, minus, GetParam(), scale);
    ASSERT_EQ(Bits(plus), Bits(expected)) << size;
    for (size_t i = 0; i < size; ++i) expected[i] = std::fma(-0.1f, scale[i] * numbers[i], base[i]);
    ASSERT_EQ(Bits(minus), Bits(expected)) << size;
    AddNormal(kId, 0.1f, base, expected, Isa::kScalar);
    out = base;
    AddNormal(kId, 0.1f, out, out, GetParam(), std::vector(size, 1.0f));
    ASSERT_EQ(Bits(out), Bits(expected)) << "without scale and in place, " << size;
  }
}

TEST_P(Normal, TouchesNothingBehindTheEnd) {
  for (size_t size = 0; size < 70; ++size) {
    std::vector<float> out(size + 64, 5.0f);
    FillNormal(kId, 0, std::span(out).first(size), GetParam());
    EXPECT_TRUE(std::all_of(out.begin() + static_cast<std::ptrdiff_t>(size), out.end(),
                            [](float value) { return value == 5.0f; }));
  }
}

TEST_P(Normal, StartInTheMiddleContinuesTheStream) {
  const auto whole = Numbers(kId, 1000, GetParam());
  const auto rest = Numbers(kId, 1000 - 372, GetParam(), 372);
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), whole.begin() + 372));
}

TEST_P(Normal, FirstNumbersAreTheCommittedOnes) {
  EXPECT_EQ(
      Bits(Numbers(kId, 16, GetParam())),
      (std::vector<uint32_t>{0xbea61b32, 0xc00f5e39, 0x3f8b9359, 0x3cb07e32, 0x3e658809, 0xbf6dc628,
                             0xc0081d73, 0xbf65b3d2, 0xbea8f885, 0xbfa2d334, 0xbf86833c, 0x3f7e7cf7,
                             0xbee178f6, 0xbfa71401, 0xbca0b5f4, 0xbf842a0e}));
  EXPECT_EQ(
      Bits(Numbers({.seed = 0, .purpose = Purpose::kFounder}, 16, GetParam())),
      (std::vector<uint32_t>{0x3fd359cb, 0x3f587c3b, 0xbdecd29a, 0x3dd11910, 0x3e33312b, 0x3ec97c3a,
                             0xbf8c79bf, 0xbf54894d, 0xbfaa65c8, 0xbfdb4500, 0x3f9ca369, 0x3fb2ff52,
                             0xbf44aabb, 0x3f1b2107, 0xbf12afcd, 0xbe997974}));
}

TEST_P(Normal, MillionNumbersHaveTheCommittedDigest) {
  Digest digest;
  for (float value : Numbers(kId, 1000000, GetParam())) digest.Add(value);
  EXPECT_EQ(digest.value(), 0xedad536d8d05b42eu);
}

INSTANTIATE_TEST_SUITE_P(AllSupported, Normal, testing::ValuesIn(SupportedIsas()),
                         [](const auto& tested) { return std::string(IsaName(tested.param)); });

TEST(NormalBounds, LastBlocksOfAStreamAreReachableAndNoMore) {
  for (Isa isa : SupportedIsas()) {
    const size_t first = 4 * ((size_t{1} << 32) - 5);
    EXPECT_EQ(Bits(Numbers(kId, 20, isa, first)), Bits(Numbers(kId, 20, Isa::kScalar, first)));
    EXPECT_THROW(Numbers(kId, 21, isa, first), BugError);
  }
}

TEST(NormalBounds, StartInsideABlockIsABug) {
  EXPECT_THROW(Numbers(kId, 8, Isa::kScalar, 2), BugError);
}

TEST(NormalBounds, DifferentSizesAreABug) {
  std::vector<float> base(4), out(5);
  EXPECT_THROW(AddNormal(kId, 1, base, out, Isa::kScalar), BugError);
}

TEST(NormalBounds, AScaleOfAnotherSizeIsABug) {
  std::vector<float> out(8);
  const std::vector<float> scale(7);
  EXPECT_THROW(AddNormal(kId, 1, out, out, Isa::kScalar, scale), BugError);
  std::vector<float> minus(8);
  const std::vector<float> base(8);
  EXPECT_THROW(AddNormalPair(kId, 1, base, out, minus, Isa::kScalar, scale), BugError);
}

TEST(NormalBounds, DifferentSizesOfAPairAreABug) {
  std::vector<float> base(4), four(4), five(5);
  EXPECT_THROW(AddNormalPair(kId, 1, base, five, four, Isa::kScalar), BugError);
  EXPECT_THROW(AddNormalPair(kId, 1, base, four, five, Isa::kScalar), BugError);
}

struct Moments {
  double mean, variance, skewness, kurtosis;
};

Moments MomentsOf(const std::vector<float>& values) {
  double sums[5] = {};
  for (float value : values) {
    double power = 1;
    for (double& sum : sums) {
      sum += power;
      power *= double{value};
    }
  }
  for (int i = 1; i < 5; ++i) sums[i] /= sums[0];
  const double variance = sums[2] - sums[1] * sums[1];
  return {sums[1], variance, sums[3] / std::pow(variance, 1.5), sums[4] / (variance * variance)};
}

double Correlation(const std::vector<float>& a, const std::vector<float>& b, size_t lag = 0) {
  double sum = 0;
  for (size_t i = lag; i < a.size(); ++i) sum += double{a[i]} * double{b[i - lag]};
  return sum / static_cast<double>(a.size() - lag);
}

// Bounds are four standard errors at a million draws.
constexpr size_t kDraws = 1000000;

TEST(NormalStatistics, MomentsAreThoseOfANormalDistribution) {
  const Moments moments = MomentsOf(Numbers(kId, kDraws, BestIsa()));
  EXPECT_NEAR(moments.mean, 0, 4e-3);
  EXPECT_NEAR(moments.variance, 1, 4 * std::sqrt(2.0) * 1e-3);
  EXPECT_NEAR(moments.skewness, 0, 4 * std::sqrt(6.0) * 1e-3);
  EXPECT_NEAR(moments.kurtosis, 3, 4 * std::sqrt(24.0) * 1e-3);
}

TEST(NormalStatistics, NeighbouringStreamsAreUncorrelated) {
  const auto numbers = Numbers(kId, kDraws, BestIsa());
  std::vector<StreamId> neighbours(4, kId);
  neighbours[0].item += 1;
  neighbours[1].generation += 1;
  neighbours[2].seed += 1;
  neighbours[3].purpose = Purpose::kFounder;
  for (const StreamId& neighbour : neighbours) {
    EXPECT_NEAR(Correlation(numbers, Numbers(neighbour, kDraws, BestIsa())), 0, 4e-3);
  }
}

TEST(NormalStatistics, NumbersOfOneStreamAreUncorrelated) {
  const auto numbers = Numbers(kId, kDraws, BestIsa());
  for (size_t lag : {1, 2, 3, 4, 8, 32}) {
    EXPECT_NEAR(Correlation(numbers, numbers, lag), 0, 4e-3) << lag;
  }
}

TEST(NormalStatistics, TailsHaveTheRightWeight) {
  const auto numbers = Numbers(kId, kDraws, BestIsa());
  for (double limit : {1.0, 2.0, 3.0, 4.0}) {
    const double expected = std::erfc(limit / std::numbers::sqrt2);
    const auto beyond = static_cast<double>(std::ranges::count_if(
        numbers, [&](float value) { return std::abs(double{value}) > limit; }));
    EXPECT_NEAR(beyond / kDraws, expected, 4 * std::sqrt(expected / kDraws)) << limit;
  }
}

}  // namespace
}  // namespace dne
