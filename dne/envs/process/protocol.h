// SPDX-License-Identifier: MIT
// What dne and an environment's process say to each other: docs/environment-protocol.md. Numbers
// are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dne::process {

inline constexpr uint32_t kMagic = 0x45656e64;  // "dneE"
inline constexpr uint32_t kVersion = 1;

// File descriptors of the environment's process.
inline constexpr int kCommands = 3;  // it reads a byte for each command ...
inline constexpr int kReplies = 4;   // ... writes its Hello here, later a byte for each answer ...
inline constexpr int kMemory = 5;    // ... and shares this memory
inline constexpr int kLifeline = 6;  // hangs up when dne is gone

enum class Command : uint8_t { kBegin = 'B', kReset = 'R', kStep = 'S' };
inline constexpr uint8_t kDone = 'D';

enum Flag : uint32_t { kTerminated = 1, kTruncated = 2, kSolved = 4 };

// The environment's specification, followed by the low and high limits of continuous actions,
// action_size floats each.
struct Hello {
  uint32_t magic = kMagic;
  uint32_t version = kVersion;
  uint32_t observes_bytes = 0;  // 1: bytes, an image; 0: floats
  uint32_t height = 1;
  uint32_t width = 1;
  uint32_t channels = 0;
  uint32_t is_continuous = 0;  // 1: action_size numbers; 0: one of action_size
  uint32_t action_size = 0;
  uint32_t max_episode_steps = 0;  // its own limit; 0: none
  uint32_t behaviour_size = 0;     // numbers that say what an episode came to; 0: none
};
static_assert(sizeof(Hello) == 40);

// The shared memory: this, then the action, the behaviour and the observation, each from the next
// multiple of 64 bytes on.
struct Head {
  uint64_t seed = 0;  // of the episode that begins
  double reward = 0;
  uint32_t flags = 0;
  uint32_t unused = 0;
};
static_assert(sizeof(Head) == 24);

inline constexpr size_t kAlignment = 64;
constexpr size_t Aligned(size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Where in the memory things lie.
struct Layout {
  explicit Layout(const Hello& hello)
      : action(Aligned(sizeof(Head))),
        behaviour(action + Aligned(sizeof(float) * hello.action_size)),
        observation(behaviour + Aligned(sizeof(double) * hello.behaviour_size)),
        size(observation +
             Aligned((hello.observes_bytes ? 1 : sizeof(float)) *
                     static_cast<size_t>(hello.height) * hello.width * hello.channels)) {}

  size_t action;       // uint32_t, or action_size floats
  size_t behaviour;    // doubles
  size_t observation;  // bytes or floats, row by row, channels last
  size_t size;
};

}  // namespace dne::process
