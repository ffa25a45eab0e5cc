// SPDX-License-Identifier: MIT
// console_dump FRAMES [GAME...]: a line for each thousand frames of each game, for a comparison of
// a build with ALE's chips (-DDNE_EMULATOR=ale) and one with dne's.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "console_play.h"
#include "dne/envs/atari/atari.h"

int main(int argc, char** argv) {
  const int thousands = argc > 1 ? std::atoi(argv[1]) / 1000 : 1;
  std::vector<std::string> games(argv + std::min(argc, 2), argv + argc);
  if (games.empty()) games = dne::AtariGameNames();
  for (const std::string& game : games) {
    dne::ConsolePlayer player(std::string(DNE_ALE_ROM_DIR) + "/" + game + ".bin");
    for (int i = 1; i <= thousands; ++i) {
      std::printf("%s %d %016" PRIx64 "\n", game.c_str(), 1000 * i, player.Play(1000));
    }
  }
}
