// SPDX-License-Identifier: MIT
#include "dne/envs/atari/emulator.h"

#include <gtest/gtest.h>

#include <fstream>

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
