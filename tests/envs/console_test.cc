// SPDX-License-Identifier: MIT
// Dne's own chips of the Atari 2600. Every game against digests of ALE's, recorded in
// tests/golden/atari_console.txt by a build with -DDNE_EMULATOR=ale: there, run the test once with
// DNE_UPDATE_GOLDEN=1 set. console_dump compares more frames.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>

#include "console_play.h"
#include "dne/envs/atari/atari.h"

namespace dne {
namespace {

TEST(Console, EveryGameIsPlayedAsByAlesChips) {
  std::ostringstream played;
  played << std::hex << std::setfill('0');
  for (const std::string& game : AtariGameNames()) {
    ConsolePlayer player(std::string(DNE_ALE_ROM_DIR) + "/" + game + ".bin");
    played << game << " " << std::setw(16) << player.Play(500) << "\n";
  }
  const std::string path = std::string(DNE_SOURCE_DIR) + "/tests/golden/atari_console.txt";
  if (std::getenv("DNE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << played.str();
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(played.str(), golden) << path;
}

}  // namespace
}  // namespace dne
