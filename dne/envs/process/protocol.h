// SPDX-License-Identifier: MIT
// What dne and an environment's process say to each other: docs/environment-protocol.md. Numbers
// are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dne::process {

inline constexpr uint32_t kMagic = 0x45656e64;  // "dneE"
inline constexpr uint32_t kVersion = 2;

// File descriptors of the environment's process.
inline constexpr int kCommands = 3;  // it reads a byte for each round of commands ...
inline constexpr int kReplies = 4;   // ... writes its Hello here, later a byte for each answer ...
inline constexpr int kMemory = 5;    // ... and shares this memory
inline constexpr int kLifeline = 6;  // hangs up when dne is gone

// On kCommands: the memory is ready; there are commands in it.
inline constexpr uint8_t kBegin = 'B';
inline constexpr uint8_t kGo = 'G';
inline constexpr uint8_t kDone = 'D';  // the answer, once they are carried out

// The state of an environment: dne writes a command, and the program flags in its place once it has
// carried it out. Programs go through the environments in order.
inline constexpr uint8_t kReset = 'R';
inline constexpr uint8_t kStep = 'S';
enum Flag : uint8_t { kTerminated = 1, kTruncated = 2, kSolved = 4 };
inline constexpr uint8_t kAllFlags = kTerminated | kTruncated | kSolved;

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
  uint32_t num_envs = 1;           // that a process can hold
};
static_assert(sizeof(Hello) == 44);

inline constexpr size_t kAlignment = 64;
constexpr size_t Aligned(size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Where in the shared memory things lie, of so many environments: at 0 their number, a uint32_t,
// then arrays with a row for each of them, each array from the next multiple of 64 bytes on.
struct Layout {
  Layout(const Hello& hello, size_t num_envs)
      : action_bytes(sizeof(float) * (hello.is_continuous ? hello.action_size : 1)),
        behaviour_bytes(sizeof(double) * hello.behaviour_size),
        observation_bytes((hello.observes_bytes ? 1 : sizeof(float)) *
                          static_cast<size_t>(hello.height) * hello.width * hello.channels),
        states(kAlignment),
        seeds(states + Aligned(num_envs)),
        rewards(seeds + Aligned(sizeof(uint64_t) * num_envs)),
        actions(rewards + Aligned(sizeof(double) * num_envs)),
        behaviours(actions + Aligned(action_bytes * num_envs)),
        observations(behaviours + Aligned(behaviour_bytes * num_envs)),
        size(observations + Aligned(observation_bytes * num_envs)) {}

  // Of a row.
  size_t action_bytes;
  size_t behaviour_bytes;
  size_t observation_bytes;

  size_t states;        // a byte each
  size_t seeds;         // uint64_t, of the episode that begins
  size_t rewards;       // double
  size_t actions;       // uint32_t, or action_size floats
  size_t behaviours;    // doubles
  size_t observations;  // bytes or floats, row by row, channels last
  size_t size;
};

}  // namespace dne::process
