// SPDX-License-Identifier: MIT
// Rewards and places from the state of a simulation: the numbers of Gymnasium's environments bit
// for bit, so every sum is taken in numpy's order.
#pragma once

#include <array>
#include <span>

#include "dne/envs/mujoco/bodies.h"
#include "dne/envs/mujoco/mujoco.h"
#include "dne/envs/mujoco/simulation.h"

namespace dne {

using Place = std::array<double, 2>;  // metres: x, y

Place PlaceOf(const Body& body, const Simulation& simulation);

bool IsHealthy(const Body& body, const Simulation& simulation);

// What a step's reward holds for not having fallen.
double BonusOf(const Body& body, const MujocoOptions& options, const Simulation& simulation);

// Of the step that led from `before` to `after` under `action` (within the actuators' limits).
double RewardOf(const Body& body, const MujocoOptions& options, const Simulation& simulation,
                std::span<const float> action, const Place& before, const Place& after);

}  // namespace dne
