// SPDX-License-Identifier: MIT
// The systems of classic control as data and formulas. Every number and the order of every
// operation is Gymnasium's (1.2), so that its rewards and observations come out bit for bit as far
// as sine and cosine do.
#pragma once

#include <array>
#include <span>

#include "dne/envs/environment.h"

namespace dne {

struct SystemState {
  std::array<double, 4> numbers{};  // what they are is the system's own
  int steps = 0;                    // made so far
};

struct Outcome {
  double reward = 0;
  bool terminal = false;
};

struct ClassicSystem {
  const char* name;
  int num_observations;
  ActionType action_type;
  int num_actions;
  std::array<const char*, 3> action_names;  // of discrete actions
  float action_limit;                       // of continuous ones, on both sides
  int max_episode_steps;
  int place_size;

  // The initial state is uniform between these.
  std::array<double, 4> lowest;
  std::array<double, 4> highest;
  int num_random;        // so many of its numbers, the others are 0
  bool starts_in_float;  // its first state is rounded to single precision

  // One step; `action` is the number of the choice, or the one number within its limits.
  Outcome (*step)(SystemState& state, float action);
  void (*observe)(const SystemState& state, std::span<float> out);
  void (*place)(const SystemState& state, std::span<double> out);  // its behaviour
};

// Sorted by name.
std::span<const ClassicSystem> ClassicSystems();

}  // namespace dne
