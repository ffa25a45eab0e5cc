// SPDX-License-Identifier: MIT
// The contract of an environment with numbers as observation and continuous actions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dne {

struct ControlSpec {
  int num_observations = 0;
  int num_actions = 0;
  int frames_per_step = 1;    // simulator steps
  int max_episode_steps = 0;  // the environment's own time limit
};

struct ControlStep {
  double reward = 0;
  double bonus = 0;  // the part of it that is paid for not having fallen
  bool terminal = false;
  // The simulation broke down (a bad acceleration, a reset by the engine itself, a number that is
  // not finite). The episode is over, `reward` is 0, and position() is of the last sound state.
  bool invalid = false;
};

// Private to one thread; two environments on two threads do not disturb each other.
// Same seed, same actions: same observations, rewards and ends, on one binary and machine type.
class ControlEnvironment {
 public:
  virtual ~ControlEnvironment() = default;
  virtual const ControlSpec& spec() const = 0;

  // The initial state is a function of the seed alone. Reset forgets everything.
  virtual void Reset(uint64_t seed) = 0;
  // `num_actions` numbers, clipped to what the actuators take. Not allowed after a terminal step.
  virtual ControlStep Step(std::span<const float> action) = 0;

  // `num_observations` numbers, valid until the next Reset or Step.
  virtual std::span<const float> observation() const = 0;
  // Where the body is as of now: x and y in metres.
  virtual std::vector<double> position() const = 0;
};

}  // namespace dne
