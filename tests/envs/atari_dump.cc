// SPDX-License-Identifier: MIT
// Writes episodes of a pseudo-random player to a file, for tests/oracle/atari_oracle.py to play
// again. All numbers are little-endian:
//   atari_dump GAME NOOPS MAX_STEPS OUT
//   the first observation, 84*84*4 bytes
//   a step: int32 action, of the minimal set; double reward; int32 frames; int32 game over;
//           observation
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "dne/envs/atari/atari.h"
#include "play.h"

namespace {

template <class T>
void Put(std::ostream& out, T value) {
  out.write(reinterpret_cast<const char*>(&value), sizeof(value));
}

void PutObservation(std::ostream& out, const dne::Environment& environment) {
  const auto bytes = environment.observation().bytes;
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

void Dump(const char* game_name, uint32_t noops, uint32_t max_steps, std::ostream& out) {
  const auto game = dne::AtariGame::Load(game_name, {});
  const auto environment = game->MakeEnvironment();
  const int num_actions = game->spec().action.size;
  dne::RandomPlayer player(noops);
  environment->Reset({.noops = noops});
  PutObservation(out, *environment);
  bool over = false;
  for (uint32_t step = 0; step < max_steps && !over; ++step) {
    const int action = player.Next(num_actions);
    const dne::StepResult result = environment->Step({.choice = action});
    over = result.terminal;
    Put(out, int32_t{action});
    Put(out, result.reward);
    Put(out, int32_t{result.frames});
    Put(out, int32_t{over});
    PutObservation(out, *environment);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: atari_dump GAME NOOPS MAX_STEPS OUT\n";
    return 2;
  }
  std::ofstream out(argv[4], std::ios::binary);
  Dump(argv[1], static_cast<uint32_t>(std::atoi(argv[2])),
       static_cast<uint32_t>(std::atoi(argv[3])), out);
  return out.good() ? 0 : 1;
}
