// SPDX-License-Identifier: MIT
// Writes an episode to a file, for tests/oracle/mujoco_oracle.py to play again. All numbers are
// little-endian:
//   mujoco_dump BODY SEED random|smooth END|GO_ON MAX_STEPS OUT
//   int32 sizes of positions, velocities, observation, action
//   the initial state: positions and velocities, doubles; the first observation, floats
//   a step: the action, floats, some beyond what the actuators take; double reward; int32 terminal;
//           observation
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>

#include "dne/envs/mujoco/environment.h"
#include "mujoco_players.h"

namespace {

constexpr float kReach = 1.25f;  // times what the actuators take: some actions are clipped

template <class T>
void Put(std::ostream& out, T value) {
  out.write(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
void Put(std::ostream& out, std::span<const T> values) {
  for (const T value : values) Put(out, value);
}

void PutStart(std::ostream& out, const dne::BodyEnvironment& environment, size_t num_actions) {
  const dne::Simulation& simulation = environment.simulation();
  Put(out, static_cast<int32_t>(simulation.positions().size()));
  Put(out, static_cast<int32_t>(simulation.velocities().size()));
  Put(out, static_cast<int32_t>(environment.observation().size()));
  Put(out, static_cast<int32_t>(num_actions));
  Put(out, simulation.positions());
  Put(out, simulation.velocities());
  Put(out, environment.observation());
}

void Dump(char** words, std::ostream& out) {
  const auto seed = static_cast<uint64_t>(std::atoll(words[2]));
  const bool smooth = words[3] == std::string_view("smooth");
  const auto model = dne::MujocoModel::Load(
      words[1], {.terminate_when_unhealthy = words[4] == std::string_view("END")});
  const auto made = model->MakeEnvironment();
  auto& environment = dynamic_cast<dne::BodyEnvironment&>(*made);
  const auto limits = environment.simulation().control_limits();
  std::vector<float> action(limits.size() / 2);
  environment.Reset(seed);
  PutStart(out, environment, action.size());
  dne::ActionPlayer player(seed, smooth);
  bool over = false;
  for (int step = 0; step < std::atoi(words[5]) && !over; ++step) {
    player.Next(action);
    for (size_t i = 0; i < action.size(); ++i) {
      action[i] *= kReach * static_cast<float>(limits[2 * i + 1]);
    }
    const dne::ControlStep result = environment.Step(action);
    over = result.terminal;
    Put(out, std::span<const float>(action));
    Put(out, result.reward);
    Put(out, int32_t{over});
    Put(out, environment.observation());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: mujoco_dump BODY SEED random|smooth END|GO_ON MAX_STEPS OUT\n";
    return 2;
  }
  std::ofstream out(argv[6], std::ios::binary);
  Dump(argv, out);
  return out.good() ? 0 : 1;
}
