// SPDX-License-Identifier: MIT
#include "dne/store/packed_trials.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "dne/base/error.h"
#include "tests/store/example.h"

namespace dne {
namespace {

class Draws {
 public:
  uint64_t Below(uint64_t limit) { return engine_() % limit; }
  uint32_t Any32() { return static_cast<uint32_t>(engine_() >> Below(64)); }
  uint64_t Any64() { return engine_() >> Below(64); }
  double AnyDouble() {
    const auto value = std::bit_cast<double>(engine_());
    return std::isnan(value) ? -0.0 : value;
  }

 private:
  std::mt19937_64 engine_{5};
};

TrialRecord AnyMember(Draws& draws, uint32_t index) {
  TrialRecord trial{.generation = 7, .round = "train", .index = 100 + index};
  trial.individual = {draws.Any32(), draws.Any32() / 2 + index};
  trial.parent = CentreBirth(draws.Any32(), draws.Any32() / 2);
  trial.sigma = std::bit_cast<float>(static_cast<uint32_t>(draws.Below(0x7f800000) + 1));
  trial.mirrored = draws.Below(2) == 1;
  trial.fitness = draws.AnyDouble();
  trial.steps = draws.Any64();
  trial.frames = draws.Any64();
  for (uint64_t e = draws.Below(4); e > 0; --e) {
    Episode episode{.start = {draws.Any32(), draws.Any64() | 1},
                    .score = draws.AnyDouble(),
                    .steps = draws.Any32(),
                    .frames = draws.Any64(),
                    .end = static_cast<EpisodeEnd>(draws.Below(4)),
                    .descriptor = std::vector<uint8_t>(draws.Below(20))};
    if (draws.Below(3) == 0) episode.start.seed.reset();
    for (uint8_t& byte : episode.descriptor) byte = static_cast<uint8_t>(draws.Any32());
    trial.episodes.push_back(std::move(episode));
    trial.draws.push_back(1 + draws.Any32() / 2);
  }
  return trial;
}

std::vector<TrialRecord> AnyMembers(uint32_t count) {
  Draws draws;
  std::vector<TrialRecord> members;
  for (uint32_t i = 0; i < count; ++i) members.push_back(AnyMember(draws, i));
  return members;
}

std::vector<TrialRecord> Unpack(std::span<const uint8_t> bytes, uint32_t count) {
  std::vector<TrialRecord> trials;
  UnpackTrials(bytes, count, {.generation = 7, .round = "train", .index = 100}, trials);
  return trials;
}

TEST(PackedTrials, KeepEveryBit) {
  for (const uint32_t count : {1u, 2u, 3u, 500u}) {
    const auto members = AnyMembers(count);
    ASSERT_EQ(CountMembers(members), count);
    EXPECT_EQ(Unpack(PackTrials(members), count), members) << count;
  }
}

TEST(PackedTrials, AreMembersOfOneRoundInARow) {
  const auto counted = [](auto change) {
    auto members = AnyMembers(5);
    change(members);
    return CountMembers(members);
  };
  EXPECT_EQ(counted([](auto& m) { m[2].round = "test"; }), 2u);
  EXPECT_EQ(counted([](auto& m) { m[3].generation = 8; }), 3u);
  EXPECT_EQ(counted([](auto& m) { ++m[1].index; }), 1u);
  EXPECT_EQ(counted([](auto& m) { m[4].parent = Birth{3, 1}; }), 4u);
  EXPECT_EQ(counted([](auto& m) { m[0].parent.reset(); }), 0u);
  EXPECT_EQ(CountMembers({}), 0u);
}

// What generations of ten thousand members come to is decided by their scores and seeds.
TEST(PackedTrials, AMemberTakesLessThan16Bytes) {
  Draws draws;
  std::vector<TrialRecord> members;
  uint64_t seed = 0;
  for (uint32_t i = 0; i < 10'000; ++i) {
    if (i % 2 == 0) seed = draws.Any64() | uint64_t{1} << 63;
    const double score = -static_cast<double>(draws.Below(1u << 24)) / (1u << 23);
    members.push_back({.generation = 7,
                       .round = "train",
                       .index = i,
                       .individual = {7, i},
                       .parent = CentreBirth(6, 0),
                       .sigma = 0.02f,
                       .mirrored = i % 2 == 1,
                       .fitness = score,
                       .steps = 1,
                       .frames = 32,
                       .episodes = {{.start = {0, seed}, .score = score, .steps = 1, .frames = 32}},
                       .draws = {1}});
  }
  EXPECT_LT(PackTrials(members).size(), 16u * members.size());
}

TEST(PackedTrials, OfOtherBytesAreRefused) {
  const auto members = AnyMembers(50);
  const auto bytes = PackTrials(members);
  const auto error = [](std::span<const uint8_t> damaged, uint32_t count) {
    return ErrorOf([&] { Unpack(damaged, count); });
  };
  EXPECT_EQ(error({}, 50), "stored state is damaged: packed trials are not whole");
  for (size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_NE(error(std::span(bytes).first(size), 50), "no error") << size;
  }
  auto longer = bytes;
  longer.push_back(0);
  EXPECT_NE(error(longer, 50), "no error");
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto flipped = bytes;
    flipped[i] ^= 0x10;
    // Packed bytes may say the same in another way.
    if (error(flipped, 50) == "no error") {
      EXPECT_EQ(Unpack(flipped, 50), members) << i;
    }
  }
  EXPECT_NE(error(bytes, 49), "no error");
  EXPECT_NE(error(bytes, 51), "no error");
  EXPECT_EQ(error(bytes, 4'000'000'000u), "stored state is damaged: a count exceeds its data");
}

}  // namespace
}  // namespace dne
