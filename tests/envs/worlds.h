// SPDX-License-Identifier: MIT
// Every world that is built in, for the tests of their contract.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dne/envs/environment.h"

namespace dne {

struct NamedWorld {
  std::string kind;  // the folder of dne/envs
  std::string name;  // letters, digits and '_'
  std::function<std::shared_ptr<const World>()> load;
};

// Of Atari's games some that differ: joystick and paddle, with and without FIRE, with negative
// rewards, with sticky actions. Of bodies, classic control and mazes all.
std::vector<NamedWorld> BuiltInWorlds();

}  // namespace dne
