// SPDX-License-Identifier: MIT
#include "worlds.h"

#include <algorithm>

#include "dne/envs/atari/atari.h"
#include "dne/envs/classic/classic.h"
#include "dne/envs/mujoco/mujoco.h"

namespace dne {
namespace {

void AddAtari(std::vector<NamedWorld>& worlds) {
  for (const char* name : {"frostbite", "seaquest", "venture", "breakout", "skiing", "pong"}) {
    worlds.push_back({"atari", name, [name] { return AtariGame::Load(name, {.max_noops = 4}); }});
  }
  worlds.push_back(
      {"atari", "sticky_seaquest",
       [] { return AtariGame::Load("seaquest", {.max_noops = 4, .sticky_probability = 0.25f}); }});
}

void AddMujoco(std::vector<NamedWorld>& worlds) {
  for (const std::string& name : MujocoBodyNames()) {
    worlds.push_back({"mujoco", name, [name] { return LoadMujocoBody(name, {}); }});
    worlds.push_back({"mujoco", name + "_that_goes_on", [name] {
                        return LoadMujocoBody(name, {.terminate_when_unhealthy = false});
                      }});
  }
}

void AddClassic(std::vector<NamedWorld>& worlds) {
  for (const std::string& name : ClassicControlNames()) {
    std::string plain = name;
    std::ranges::replace(plain, '-', '_');
    worlds.push_back({"classic", plain, [name] { return LoadClassicControl(name); }});
  }
}

}  // namespace

std::vector<NamedWorld> BuiltInWorlds() {
  std::vector<NamedWorld> worlds;
#ifdef DNE_WITH_ATARI
  AddAtari(worlds);
#endif
#ifdef DNE_WITH_MUJOCO
  AddMujoco(worlds);
#endif
  AddClassic(worlds);
  return worlds;
}

}  // namespace dne
