// SPDX-License-Identifier: MIT
#include "dne/envs/atari/emulator.h"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <utility>

#include "dne/base/error.h"
#include "play.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

std::string RomFile(const std::string& game) {
  return std::string(DNE_ALE_ROM_DIR) + "/" + game + ".bin";
}

std::string ErrorOf(const std::string& rom_file) {
  try {
    const Emulator emulator(rom_file);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Emulator, FirstBootsAreAllTheSame) {
  Emulator first(RomFile("seaquest"));
  for (int i = 0; i < 10; ++i) first.Frame(0);
  Emulator second(RomFile("seaquest"));
  for (int i = 0; i < 10; ++i) second.Frame(0);
  EXPECT_EQ(first.Ram(), second.Ram());
}

TEST(Emulator, KnowsHowManyPointsAScoreCounterHasRoomFor) {
  const std::pair<const char*, int> ranges[] = {{"asterix", 1'000'000},
                                                {"frostbite", 1'000'000},
                                                {"video_pinball", 1'000'000},
                                                {"alien", 1'000'000},
                                                {"riverraid", 1'000'000},
                                                {"zaxxon", 1'000'000},
                                                {"carnival", 100'000},
                                                {"solaris", 10'000'000},
                                                {"atlantis", 100'000'000},
                                                {"frogger", 10'000},
                                                {"pong", 0},
                                                {"boxing", 0},
                                                {"freeway", 0},
                                                {"skiing", 0},
                                                {"tennis", 0}};
  for (const auto& [game, range] : ranges) {
    EXPECT_EQ(Emulator::ScoreRange(RomFile(game)), range) << game;
  }
}

// The rewards of 600 frames, with so many points on the counter (three bytes from `lowest` down)
// before the first one.
std::vector<int> RewardsFrom(const std::string& game, uint32_t points, size_t lowest) {
  Emulator emulator(RomFile(game));
  const std::vector<int> actions = emulator.Actions(/*full_action_set=*/false);
  for (int i = 0; i < 200; ++i) emulator.Frame(i % 2);  // the game begins
  std::vector<uint8_t> ram = emulator.Ram();
  for (size_t i = 0; i < 3; ++i, points /= 100) {
    ram[lowest - i] = static_cast<uint8_t>(points % 10 + points / 10 % 10 * 16);
  }
  emulator.SetRam(ram);
  RandomPlayer player(1);
  std::vector<int> rewards;
  while (rewards.size() < 600 && !emulator.game_over()) {
    const int choice = player.Next(static_cast<int>(actions.size()));
    rewards.push_back(emulator.Frame(actions[static_cast<size_t>(choice)]));
  }
  rewards[0] = 0;  // ALE takes our points for earned
  return rewards;
}

// Later the two games differ: points on the counter give lives.
TEST(Emulator, ACounterThatRunsOverTakesNoPoints) {
  const std::vector<int> rewards = RewardsFrom("asterix", 0, 0x60);
  EXPECT_GE(std::accumulate(rewards.begin(), rewards.end(), 0), 50);
  EXPECT_EQ(RewardsFrom("asterix", 999'970, 0x60), rewards);
}

TEST(Emulator, AMissingFileIsNamedWithWhatToDo) {
  EXPECT_EQ(ErrorOf("/nowhere/pong.bin"),
            "cannot read the game file /nowhere/pong.bin: run scripts/fetch_ale.sh again");
}

class RomCopy : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) const {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }

  TempFolder folder_;
};

TEST_F(RomCopy, OtherBytesUnderAKnownNameAreRefused) {
  const std::string file = Write("pong.bin", "not pong");
  EXPECT_EQ(ErrorOf(file), "the game file " + file +
                               " has the md5 cd02fa6d03860ac64f83ba0e363bd5b7 instead of "
                               "60e0ea3cbe0913d39803477945e9e5ec: run scripts/fetch_ale.sh again");
}

TEST_F(RomCopy, AnUnknownGameIsRefused) {
  const std::string file = Write("no_such_game.bin", "not pong");
  EXPECT_EQ(ErrorOf(file), "ALE knows no game of the name of the file " + file);
}

}  // namespace
}  // namespace dne
