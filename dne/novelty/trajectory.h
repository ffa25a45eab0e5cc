// SPDX-License-Identifier: MIT
// Trajectories (the state at every step of an episode, on Atari 128 bytes of RAM) in few bytes:
// each state as its difference (XOR) to the one before, which is nearly all zeros, then zstd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dne {

// Larger states would overflow the integer sums of squared differences.
inline constexpr size_t kMaxStateSize = 32 * 1024;

// States one after the other, all of state_size bytes. It may have none.
struct Trajectory {
  size_t state_size = 0;
  std::vector<uint8_t> states;

  size_t length() const { return states.size() / state_size; }
  bool operator==(const Trajectory&) const = default;
};

// `states` is a multiple of state_size, which is 1..kMaxStateSize; fewer than 2^32
// states.
std::vector<uint8_t> PackTrajectory(std::span<const uint8_t> states, size_t state_size);

// Throws Error where the bytes are not a packed trajectory: damage is recognised by a checksum.
Trajectory UnpackTrajectory(std::span<const uint8_t> packed);

// What the states will take once unpacked. Throws Error where the bytes do not begin like a packed
// trajectory.
size_t UnpackedBytes(std::span<const uint8_t> packed);

// Collects one episode after the other; one for each worker. Until it is taken an episode costs
// state_size bytes a step.
class TrajectoryRecorder {
 public:
  explicit TrajectoryRecorder(size_t state_size);

  // The next state, of state_size bytes.
  void Add(std::span<const uint8_t> state);

  // The episode, packed; the recorder is empty again.
  std::vector<uint8_t> Take();

 private:
  size_t state_size_;
  std::vector<uint8_t> previous_;
  std::vector<uint8_t> differences_;
};

}  // namespace dne
