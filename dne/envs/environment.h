// SPDX-License-Identifier: MIT
// The contract of an environment with pixels or vectors as observation and discrete actions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace dne {

struct EnvironmentSpec {
  int height = 1;
  int width = 1;
  int channels = 0;
  int num_actions = 0;
};

struct StepResult {
  double reward = 0;  // unclipped
  int frames = 0;     // emulator frames this step took
  bool terminal = false;
};

// One picture of the real screen, as a person would see it.
struct Frame {
  int width = 0;
  int height = 0;
  std::span<const uint8_t> rgb;  // row by row, 3 bytes a pixel; valid during the call
};
using FrameSink = std::function<void(const Frame&)>;

// Private to one thread; two environments on two threads do not disturb each other.
// Same start, same actions: same observations, rewards and ends. Reset forgets everything.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual const EnvironmentSpec& spec() const = 0;

  // `noops` and `seed` as in EpisodeStart (dne/plan/plan.h).
  virtual void Reset(uint32_t noops, uint64_t seed) = 0;
  // Action in 0..num_actions-1. Not allowed after a terminal step.
  virtual StepResult Step(int action) = 0;

  // Channels last, height * width * channels bytes; valid until the next Reset or Step.
  virtual std::span<const uint8_t> observation() const = 0;
  // Behaviour as of now: on Atari the 128 bytes of RAM.
  virtual std::vector<uint8_t> descriptor() const = 0;

  // From now on `sink` gets every frame that Step emulates, in order; an empty one ends it.
  // Watching changes no result.
  virtual void RecordFrames(FrameSink sink) = 0;
};

}  // namespace dne
