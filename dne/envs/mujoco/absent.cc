// SPDX-License-Identifier: MIT
// Stands in for the bodies in a build without them, so that nobody else has to ask.
#include "dne/base/error.h"
#include "dne/envs/mujoco/mujoco.h"

namespace dne {

std::vector<std::string> MujocoBodyNames() { return {}; }

std::vector<FloorRectangle> TrapRectangles(std::string_view) { return {}; }

std::shared_ptr<const World> LoadMujocoBody(std::string_view body, const MujocoOptions&) {
  throw Error("this dne was built without MuJoCo, so it cannot simulate " + std::string(body) +
              ": run scripts/fetch_mujoco.sh and configure with -DDNE_MUJOCO=ON");
}

}  // namespace dne
