// SPDX-License-Identifier: MIT
// The weighted sum of noise: held to its definition, whatever the code path and the cuts.
#include "dne/random/weighted_noise.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "dne/base/error.h"
#include "dne/random/normal.h"
#include "dne/random/signs.h"

namespace dne {
namespace {

std::vector<uint32_t> Bits(const std::vector<float>& values) {
  std::vector<uint32_t> bits;
  for (float value : values) bits.push_back(std::bit_cast<uint32_t>(value));
  return bits;
}

// Streams that differ in every part of their identity, weights of both signs.
std::vector<NoiseTerm> Terms() {
  std::vector<NoiseTerm> terms;
  for (uint32_t i = 0; i < 12; ++i) {
    terms.push_back({.id = {.seed = 0x0123456789abcdef + (uint64_t{i / 6} << 40),
                            .generation = 70 + i / 4,
                            .item = 1000 * i,
                            .purpose = i % 3 ? Purpose::kMutation : Purpose::kFounder},
                     .weight = (i % 2 ? -0.25f : 1.0f) / static_cast<float>(i + 1)});
  }
  return terms;
}

// The header's definition, word by word.
std::vector<float> Reference(const std::vector<NoiseTerm>& terms, size_t first,
                             std::vector<float> out) {
  std::vector<float> numbers(out.size());
  for (const NoiseTerm& term : terms) {
    FillNormal(term.id, first, numbers, Isa::kScalar);
    for (size_t j = 0; j < out.size(); ++j) out[j] = std::fma(term.weight, numbers[j], out[j]);
  }
  return out;
}

std::vector<float> Start(size_t size) {
  std::vector<float> start(size);
  for (size_t j = 0; j < size; ++j) start[j] = 0.01f * static_cast<float>(j % 100);
  return start;
}

class WeightedNoise : public testing::TestWithParam<Isa> {};

TEST_P(WeightedNoise, IsOneFusedMultiplyAddATermInOrder) {
  const auto terms = Terms();
  for (size_t size : {0, 1, 3, 95, 96, 97, 4607, 4608, 4609, 10007}) {
    for (size_t first : {0, 4, 65536}) {
      std::vector<float> out = Start(size);
      AddWeightedNoise(terms, first, out, GetParam());
      ASSERT_EQ(Bits(out), Bits(Reference(terms, first, Start(size)))) << size << " " << first;
    }
  }
}

TEST_P(WeightedNoise, IsTheSameInParts) {
  const auto terms = Terms();
  std::vector<float> whole = Start(20000);
  AddWeightedNoise(terms, 8, whole, GetParam());
  std::vector<float> parts = Start(20000);
  AddWeightedNoise(terms, 8, std::span(parts).first(5004), GetParam());
  AddWeightedNoise(terms, 8 + 5004, std::span(parts).subspan(5004), GetParam());
  EXPECT_EQ(Bits(parts), Bits(whole));
}

TEST_P(WeightedNoise, SquaresAreCountedLessOne) {
  const auto terms = Terms();
  for (size_t size : {0, 1, 97, 4607, 4608, 4609, 10007}) {
    std::vector<float> expected = Start(size);
    std::vector<float> numbers(size);
    for (const NoiseTerm& term : terms) {
      FillNormal(term.id, 8, numbers, Isa::kScalar);
      for (size_t j = 0; j < size; ++j) expected[j] += term.weight * (numbers[j] * numbers[j] - 1);
    }
    std::vector<float> out = Start(size);
    AddWeightedSquares(terms, 8, out, GetParam());
    ASSERT_EQ(Bits(out), Bits(expected)) << size;
  }
}

TEST_P(WeightedNoise, SignsAreAddedOrTakenAwayInOrder) {
  const auto terms = Terms();
  for (size_t size : {0, 1, 127, 128, 129, 6143, 6144, 6145, 10007}) {
    for (size_t first : {0, 128, 65536}) {
      std::vector<float> expected = Start(size);
      for (const NoiseTerm& term : terms) {
        std::vector<float> signs(first + size);
        AddSigns(term.id, 1, signs, signs, Isa::kScalar);
        for (size_t j = 0; j < size; ++j) expected[j] += term.weight * signs[first + j];
      }
      std::vector<float> out = Start(size);
      AddWeightedSigns(terms, first, out, GetParam());
      ASSERT_EQ(Bits(out), Bits(expected)) << size << " " << first;
    }
  }
}

TEST_P(WeightedNoise, SignsAreTheSameInParts) {
  const auto terms = Terms();
  std::vector<float> whole = Start(20000);
  AddWeightedSigns(terms, 256, whole, GetParam());
  std::vector<float> parts = Start(20000);
  AddWeightedSigns(terms, 256, std::span(parts).first(5120), GetParam());
  AddWeightedSigns(terms, 256 + 5120, std::span(parts).subspan(5120), GetParam());
  EXPECT_EQ(Bits(parts), Bits(whole));
}

TEST_P(WeightedNoise, SkipsTermsOfWeightZero) {
  std::vector<float> out(100, -0.0f);  // -0 + 0 * noise would be +0
  const NoiseTerm term{.id = {.seed = 1}, .weight = 0};
  AddWeightedNoise(std::span(&term, 1), 0, out, GetParam());
  EXPECT_EQ(Bits(out), Bits(std::vector<float>(100, -0.0f)));
  AddWeightedSigns(std::span(&term, 1), 0, out, GetParam());
  EXPECT_EQ(Bits(out), Bits(std::vector<float>(100, -0.0f)));
}

INSTANTIATE_TEST_SUITE_P(AllSupported, WeightedNoise, testing::ValuesIn(SupportedIsas()),
                         [](const auto& tested) { return std::string(IsaName(tested.param)); });

TEST(WeightedNoiseBounds, StartInsideABlockIsABug) {
  std::vector<float> out(8);
  EXPECT_THROW(AddWeightedNoise({}, 2, out, Isa::kScalar), BugError);
  EXPECT_THROW(AddWeightedSigns({}, 4, out, Isa::kScalar), BugError);
}

}  // namespace
}  // namespace dne
