// SPDX-License-Identifier: MIT
// What holds of every game in the package.
#include <gtest/gtest.h>

#include <algorithm>

#include "dne/base/digest.h"
#include "dne/envs/atari/atari.h"
#include "dne/envs/atari/emulator.h"
#include "play.h"

namespace dne {
namespace {

constexpr int kFrames = 120;

// Digest of everything to be seen in the frames of a player, begun anew where the game ends.
uint64_t PlayFrames(Emulator& emulator, uint64_t seed) {
  const std::vector<int> actions = emulator.Actions(/*full_action_set=*/false);
  const auto screen_bytes = static_cast<size_t>(emulator.screen_height() * kScreenWidth);
  RandomPlayer player(seed);
  Digest digest;
  for (int frame = 0; frame < kFrames && !emulator.game_over(); ++frame) {
    const int choice = player.Next(static_cast<int>(actions.size()));
    // The screen of the frame before is asked for at the first one, where it is a restored one.
    if (frame == 0) digest.AddBytes({emulator.previous_screen(), screen_bytes});
    digest.Add(emulator.Frame(actions[static_cast<size_t>(choice)]));
    digest.AddBytes(emulator.Ram());
    if (frame % 40 < 2) digest.AddBytes({emulator.screen(), screen_bytes});
  }
  return digest.value();
}

TEST(AllGames, ThePackageBringsMoreThanAHundredSortedNames) {
  const std::vector<std::string> names = AtariGameNames();
  EXPECT_GE(names.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_TRUE(std::ranges::binary_search(names, "space_invaders"));
}

TEST(AllGames, EveryGameLoadsAndPlaysTwentySteps) {
  for (const std::string& name : AtariGameNames()) {
    const auto game = AtariGame::Load(name, {.max_noops = 1});
    const Played played = Play(*game, {.noops = 1}, 20);
    EXPECT_TRUE(played.steps == 20 || played.terminal) << name;
  }
}

// Saved in one emulator, restored in another one that has played on: the sequel is the same.
TEST(AllGames, ARestoredStateForgetsWhatWasPlayedBefore) {
  for (const std::string& name : AtariGameNames()) {
    const std::string rom_file = std::string(DNE_ALE_ROM_DIR) + "/" + name + ".bin";
    Emulator first(rom_file);
    PlayFrames(first, 1);
    if (first.game_over()) first.Reboot();
    const auto state = first.Save();
    const uint64_t sequel = PlayFrames(first, 2);

    Emulator second(rom_file);
    PlayFrames(second, 3);
    second.Restore(*state);
    EXPECT_EQ(PlayFrames(second, 2), sequel) << name;
  }
}

}  // namespace
}  // namespace dne
