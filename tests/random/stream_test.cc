// SPDX-License-Identifier: MIT
// Streams: the published answers of Philox4x32-10, golden draws, and uniformity.
#include "dne/random/stream.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "dne/base/error.h"

namespace dne {
namespace {

using Block = std::array<uint32_t, 4>;

// The identity whose counter is `counter` and whose key is `key`.
Block Philox(const Block& counter, const std::array<uint32_t, 2>& key) {
  return PhiloxBlock({.seed = key[0] | uint64_t{key[1]} << 32,
                      .generation = counter[2],
                      .item = counter[1],
                      .purpose = static_cast<Purpose>(counter[3])},
                     counter[0]);
}

TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(Philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Stream, PurposeNumbersNeverChange) {
  EXPECT_EQ(static_cast<int>(Purpose::kFounder), 1);
  EXPECT_EQ(static_cast<int>(Purpose::kMutation), 2);
  EXPECT_EQ(static_cast<int>(Purpose::kParentChoice), 3);
  EXPECT_EQ(static_cast<int>(Purpose::kTrainEpisode), 4);
  EXPECT_EQ(static_cast<int>(Purpose::kValidationEpisode), 5);
  EXPECT_EQ(static_cast<int>(Purpose::kTestEpisode), 6);
  EXPECT_EQ(static_cast<int>(Purpose::kEvaluateEpisode), 7);
  EXPECT_EQ(static_cast<int>(Purpose::kBenchmark), 8);
}

TEST(Stream, DrawsItsBlocksInOrder) {
  const StreamId id{.seed = 42, .generation = 7, .item = 3, .purpose = Purpose::kParentChoice};
  Stream stream(id);
  for (uint32_t block = 0; block < 3; ++block) {
    for (uint32_t word : PhiloxBlock(id, block)) EXPECT_EQ(stream.Next32(), word);
  }
}

TEST(Stream, SixtyFourBitsTakeTheLowHalfFirst) {
  const StreamId id{.seed = 42};
  const Block block = PhiloxBlock(id, 0);
  EXPECT_EQ(Stream(id).Next64(), block[0] | uint64_t{block[1]} << 32);
}

TEST(Stream, CopyCopiesThePosition) {
  Stream stream(StreamId{.seed = 1});
  stream.Next32();
  Stream copy = stream;
  const uint32_t next = copy.Next32();
  EXPECT_EQ(stream.Next32(), next);
}

TEST(Stream, EveryPartOfTheIdentityMatters) {
  const StreamId id{.seed = 5, .generation = 6, .item = 7, .purpose = Purpose::kMutation};
  std::vector<StreamId> others(5, id);
  others[0].seed += 1;
  others[1].seed += uint64_t{1} << 32;
  others[2].generation += 1;
  others[3].item += 1;
  others[4].purpose = Purpose::kFounder;
  for (const StreamId& other : others) EXPECT_NE(PhiloxBlock(other, 0), PhiloxBlock(id, 0));
}

TEST(Stream, BelowStaysBelowAndReachesEveryValueEquallyOften) {
  Stream stream(StreamId{.seed = 9, .purpose = Purpose::kBenchmark});
  constexpr uint32_t kBound = 20;
  constexpr int kDraws = 200000;
  std::array<int, kBound> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts.at(stream.Below(kBound));
  double chi_squared = 0;
  for (int count : counts) {
    const double excess = count - double{kDraws} / kBound;
    chi_squared += excess * excess / (double{kDraws} / kBound);
  }
  EXPECT_LT(chi_squared, 43.8);  // 19 degrees of freedom, p = 0.001
  EXPECT_GT(chi_squared, 5.4);   // p = 0.999
}

TEST(Stream, BelowRejectsExactlyTheSurplus) {
  // 2^32 mod (2^31 + 1) is 2^31 - 1: a low half below it is drawn again, about every second word.
  constexpr uint32_t kBound = (1u << 31) + 1;
  const StreamId id{.seed = 11};
  Stream stream(id);
  Stream words(id);
  int rejected = 0;
  for (int i = 0; i < 1000; ++i) {
    uint64_t product = uint64_t{words.Next32()} * kBound;
    for (; static_cast<uint32_t>(product) < (1u << 31) - 1; ++rejected) {
      product = uint64_t{words.Next32()} * kBound;
    }
    EXPECT_EQ(stream.Below(kBound), product >> 32);
  }
  EXPECT_GT(rejected, 800);
}

// Of half of the words the low half is 0, the least that a power of two may keep.
TEST(Stream, BelowAPowerOfTwoRejectsNothing) {
  Stream stream(StreamId{.seed = 12});
  Stream words(StreamId{.seed = 12});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(stream.Below(1u << 31), words.Next32() >> 1);
}

TEST(Stream, BelowOneIsZero) { EXPECT_EQ(Stream(StreamId{.seed = 3}).Below(1), 0u); }

TEST(Stream, BelowZeroIsABug) { EXPECT_THROW(Stream(StreamId{}).Below(0), BugError); }

TEST(Stream, FloatsAreTheTop24BitsOfAWord) {
  Stream floats(StreamId{.seed = 13});
  Stream words(StreamId{.seed = 13});
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const float value = floats.NextFloat();
    EXPECT_EQ(value, static_cast<float>(words.Next32() >> 8) / 16777216.0f);
    EXPECT_LT(value, 1.0f);
    sum += double{value};
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.01);
}

TEST(Stream, DrawsAreTheCommittedOnes) {
  Stream stream(StreamId{
      .seed = 0x0123456789abcdef, .generation = 17, .item = 655, .purpose = Purpose::kMutation});
  EXPECT_EQ(stream.Next32(), 0x13c197ffu);
  EXPECT_EQ(stream.Next64(), 0x8d3c0c65c5dc263fu);
  EXPECT_EQ(stream.Below(1000), 3u);
  EXPECT_EQ(std::bit_cast<uint32_t>(stream.NextFloat()), 0x3f222e78u);
}

}  // namespace
}  // namespace dne
