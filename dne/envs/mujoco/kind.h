// SPDX-License-Identifier: MIT
// MuJoCo bodies as configurations choose them.
#pragma once

#include <string>

#include "dne/envs/mujoco/mujoco.h"
#include "dne/envs/world_kind.h"

namespace dne {

struct MujocoWorldOptions {
  std::string environment = "humanoid";
  MujocoOptions mujoco;

  void Visit(Fields& fields);
  bool operator==(const MujocoWorldOptions&) const = default;
};

extern const WorldKind kMujocoKind;

}  // namespace dne
