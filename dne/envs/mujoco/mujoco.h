// SPDX-License-Identifier: MIT
// Bodies that learn to walk, simulated by MuJoCo, in the form of Gymnasium's environments (v5 with
// the defaults of their constructors), and what the novelty search papers changed in them
// (1712.06560, 4.1). docs/mujoco.md states every number.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dne/envs/environment.h"
#include "dne/envs/floor_plan.h"

namespace dne {

enum class MujocoReward {
  kStandard,         // the body's own
  kIsotropic,        // its velocity term measures the distance from the origin instead of x
  kForwardDistance,  // the way along x in metres and nothing else
};

struct MujocoOptions {
  MujocoReward reward = MujocoReward::kStandard;
  bool trap = false;                     // three walls ahead, open towards the start
  bool terminate_when_unhealthy = true;  // an episode ends where the body falls

  bool operator==(const MujocoOptions&) const = default;
};

// "ant", "half_cheetah", ...: sorted.
std::vector<std::string> MujocoBodyNames();

// The trap of a body; throws Error for one that has none or is unknown.
std::vector<FloorRectangle> TrapRectangles(std::string_view body);

// One body in its world, compiled: floats to see, continuous actions, its place as behaviour. Each
// episode has a seed of its own. Throws Error for an unknown body (with the nearest known name), a
// trap for a body that moves along a line, or a missing or wrong model file.
std::shared_ptr<const World> LoadMujocoBody(std::string_view body, const MujocoOptions& options);

}  // namespace dne
