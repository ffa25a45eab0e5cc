// SPDX-License-Identifier: MIT
#include "worlds.h"

#include <algorithm>

#include "dne/envs/atari/atari.h"
#include "dne/envs/classic/classic.h"
#include "dne/envs/maze/robot_maze.h"
#include "dne/envs/maze/tile_maze.h"
#include "dne/envs/mujoco/mujoco.h"
#include "dne/envs/process/process.h"

namespace dne {
namespace {

[[maybe_unused]] void AddAtari(std::vector<NamedWorld>& worlds) {
  for (const char* name : {"frostbite", "seaquest", "venture", "breakout", "skiing", "pong"}) {
    worlds.push_back({"atari", name, [name] { return AtariGame::Load(name, {.max_noops = 4}); }});
  }
  worlds.push_back(
      {"atari", "sticky_seaquest",
       [] { return AtariGame::Load("seaquest", {.max_noops = 4, .sticky_probability = 0.25f}); }});
}

[[maybe_unused]] void AddMujoco(std::vector<NamedWorld>& worlds) {
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

void AddMazes(std::vector<NamedWorld>& worlds) {
  const auto add_robot = [&](const std::string& name, const Maze& maze, MazeView view,
                             const RobotMazeOptions& options) {
    worlds.push_back({"maze", name, [=] { return MakeRobotMaze(maze, view, options); }});
  };
  add_robot("hard_maze", HardMaze(), MazeView::kSensors, {});
  add_robot("medium_maze", MediumMaze(), MazeView::kSensors, {});
  add_robot("breadcrumb_maze", HardMaze(), MazeView::kSensors,
            {.reward = MazeReward::kBreadcrumb,
             .action_repeat = 3,
             .action_offset = 0,
             .goal_radius = 10,
             .solved_at_any_step = true});
  add_robot("image_hard_maze", HardMaze(), MazeView::kFromAbove, {});
  worlds.push_back({"maze", "topdown_maze", MakeTopdownMaze});
  worlds.push_back({"maze", "first_person_maze", MakeFirstPersonMaze});
}

void AddProcesses(std::vector<NamedWorld>& worlds) {
  const ProcessOptions python{
      .command = {"python3", DNE_SOURCE_DIR "/examples/process_environment.py"},
      .start_seconds = 60,
      .step_seconds = 60};
  const ProcessOptions c{.command = {DNE_EXAMPLE_IN_C}, .start_seconds = 60, .step_seconds = 60};
  worlds.push_back({"process", "process_in_python", [=] { return StartProcessWorld(python); }});
  worlds.push_back({"process", "process_in_c", [=] { return StartProcessWorld(c); }});
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
  AddMazes(worlds);
  AddProcesses(worlds);
  return worlds;
}

}  // namespace dne
