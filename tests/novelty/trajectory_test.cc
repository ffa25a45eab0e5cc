// SPDX-License-Identifier: MIT
// Packed trajectories: exact there and back, small, and damage is noticed.
#include "dne/novelty/trajectory.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/random/stream.h"

namespace dne {
namespace {

// Like a game's RAM: one byte in about twenty changes a step.
std::vector<uint8_t> States(size_t steps, size_t state_size) {
  Stream stream({.seed = 3, .item = static_cast<uint32_t>(steps)});
  std::vector<uint8_t> state(state_size, 7), states;
  for (size_t t = 0; t < steps; ++t) {
    for (uint8_t& byte : state) {
      if (stream.Below(20) == 0) byte = static_cast<uint8_t>(stream.Below(256));
    }
    states.insert(states.end(), state.begin(), state.end());
  }
  return states;
}

std::string ErrorOf(const std::vector<uint8_t>& packed) {
  try {
    UnpackTrajectory(packed);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Trajectory, IsTheSameAfterPacking) {
  for (size_t steps : {0, 1, 2, 500}) {
    for (size_t state_size : {1, 3, 128, 1000}) {
      const auto states = States(steps, state_size);
      const auto packed = PackTrajectory(states, state_size);
      EXPECT_EQ(UnpackTrajectory(packed), (Trajectory{state_size, states}));
      EXPECT_EQ(UnpackedBytes(packed), states.size());
    }
  }
}

TEST(Trajectory, KnowsItsLength) {
  EXPECT_EQ(UnpackTrajectory(PackTrajectory(States(17, 128), 128)).length(), 17u);
}

TEST(Trajectory, OfUnchangingStatesTakesNextToNothing) {
  const std::vector<uint8_t> states(5000 * 128, 42);
  EXPECT_LT(PackTrajectory(states, 128).size(), 200u);
}

TEST(Trajectory, DamageIsNoticedOrHarmless) {
  const auto states = States(20, 16);
  const auto packed = PackTrajectory(states, 16);
  size_t noticed = 0;
  for (size_t i = 0; i < packed.size(); ++i) {
    auto damaged = packed;
    damaged[i] ^= 0x10;
    if (const std::string error = ErrorOf(damaged); error != "no error") {
      ++noticed;
      EXPECT_EQ(error,
                "packed trajectory is damaged: restore the run from a copy, or start it anew");
    } else {  // a bit that zstd does not read
      EXPECT_EQ(UnpackTrajectory(damaged).states, states) << i;
    }
  }
  EXPECT_GT(noticed, packed.size() * 9 / 10);
}

TEST(Trajectory, AnyMissingByteIsNoticed) {
  const auto packed = PackTrajectory(States(20, 16), 16);
  for (size_t size = 0; size < packed.size(); ++size) {
    const std::vector<uint8_t> shortened(packed.begin(),
                                         packed.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(ErrorOf(shortened), "no error") << size;
  }
}

// Whoever believed it would ask for terabytes before the first byte is unpacked.
TEST(Trajectory, ASizeThatNoFrameOfItsLengthHoldsIsDamage) {
  ByteWriter writer;
  writer.Add(uint32_t{kMaxStateSize});
  writer.Add(UINT32_MAX);
  writer.Add(uint32_t{0xfd2fb528});  // a frame of zstd ...
  writer.Add(uint8_t{0xe0});         // ... that gives its size in 8 bytes
  writer.Add(uint64_t{kMaxStateSize} * UINT32_MAX);
  const std::string bytes = writer.Take();
  EXPECT_EQ(ErrorOf({bytes.begin(), bytes.end()}),
            "packed trajectory is damaged: restore the run from a copy, or start it anew");
}

// Of an episode without a step only the head says how large a state is.
TEST(Trajectory, StatesOfNoByteOrOfTooManyAreDamage) {
  for (const uint32_t state_size : {uint32_t{0}, uint32_t{kMaxStateSize} + 1}) {
    auto packed = PackTrajectory({}, 4);
    for (size_t i = 0; i < 4; ++i) packed[i] = static_cast<uint8_t>(state_size >> (8 * i));
    EXPECT_EQ(ErrorOf(packed),
              "packed trajectory is damaged: restore the run from a copy, or start it anew");
  }
}

// An unchanging state is what packs best.
TEST(Trajectory, OfTheLongestEpisodesIsRead) {
  const std::vector<uint8_t> states(64 * 1024 * 1024, 0);
  EXPECT_EQ(UnpackTrajectory(PackTrajectory(states, 128)).states, states);
}

TEST(Trajectory, PartsOfStatesAreABug) {
  EXPECT_THROW(PackTrajectory(std::vector<uint8_t>(5), 2), BugError);
  EXPECT_THROW(TrajectoryRecorder(0), BugError);
  EXPECT_THROW(TrajectoryRecorder(kMaxStateSize + 1), BugError);
  EXPECT_THROW(TrajectoryRecorder(4).Add(std::vector<uint8_t>(3)), BugError);
}

TEST(TrajectoryRecorder, StartsAnewAfterEachEpisode) {
  TrajectoryRecorder recorder(64);
  for (size_t steps : {30, 0, 50}) {
    const auto states = States(steps, 64);
    for (size_t at = 0; at < states.size(); at += 64) {
      recorder.Add(std::span(states).subspan(at, 64));
    }
    EXPECT_EQ(recorder.Take(), PackTrajectory(states, 64)) << steps;
  }
}

}  // namespace
}  // namespace dne
