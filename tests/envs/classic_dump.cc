// SPDX-License-Identifier: MIT
// Writes an episode to a file, for tests/oracle/classic_oracle.py to play again. All numbers are
// little-endian:
//   classic_dump NAME SEED random|skilled OUT
//   int32 size of the observation
//   the initial state, 4 doubles; the first observation, floats
//   a step: the action, a float; double reward; int32 terminal; observation
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>

#include "classic_players.h"
#include "dne/envs/classic/classic.h"
#include "dne/envs/classic/environment.h"
#include "play.h"

namespace {

template <class T>
void Put(std::ostream& out, T value) {
  out.write(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <class T>
void PutAll(std::ostream& out, const T& values) {
  for (const auto value : values) Put(out, value);
}

void Dump(const char* name, uint64_t seed, bool skilled, std::ostream& out) {
  const auto world = dne::LoadClassicControl(name);
  const auto made = world->MakeEnvironment();
  auto& environment = dynamic_cast<dne::ClassicEnvironment&>(*made);
  dne::RandomPlayer random(seed);
  environment.Reset({.seed = seed});
  Put(out, static_cast<int32_t>(environment.observation().floats.size()));
  PutAll(out, environment.state().numbers);
  PutAll(out, environment.observation().floats);
  const bool discrete = world->spec().action.type == dne::ActionType::kDiscrete;
  bool over = false;
  for (int i = 0; i < world->spec().max_episode_steps && !over; ++i) {
    float value = 0;
    const dne::Action action =
        skilled ? dne::SkilledAction(name, environment.observation().floats, value)
                : random.Next(world->spec().action);
    const dne::StepResult step = environment.Step(action);
    over = step.terminal;
    Put(out, discrete ? static_cast<float>(action.choice) : action.values[0]);
    Put(out, step.reward);
    Put(out, int32_t{over});
    PutAll(out, environment.observation().floats);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: classic_dump NAME SEED random|skilled OUT\n";
    return 2;
  }
  std::ofstream out(argv[4], std::ios::binary);
  Dump(argv[1], static_cast<uint64_t>(std::atoll(argv[2])), argv[3] == std::string_view("skilled"),
       out);
  return out.good() ? 0 : 1;
}
