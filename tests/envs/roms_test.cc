// SPDX-License-Identifier: MIT
// Atari where the games' files are missing, or others than they should be. Built with a folder of
// games that is below wherever it runs.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dne/base/error.h"
#include "dne/envs/atari/atari.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

class Roms : public testing::Test {
 protected:
  Roms() { fs::current_path(folder_.path()); }
  ~Roms() override { fs::current_path(fs::temp_directory_path()); }

  static void Write(const std::string& file) {
    fs::create_directories(DNE_ALE_ROM_DIR);
    std::ofstream(fs::path(DNE_ALE_ROM_DIR) / file) << "no game";
  }
  static std::string LoadError(std::string_view game) {
    try {
      AtariGame::Load(game, {});
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

 private:
  TempFolder folder_;
};

TEST_F(Roms, AMissingFolderIsNamedWithWhatToDo) {
  const std::string message =
      "the folder of the Atari games roms is missing: run scripts/fetch_ale.sh";
  EXPECT_EQ(LoadError("pong"), message);
  try {
    AtariGameNames();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), message.c_str());
  }
}

TEST_F(Roms, AWrongFileIsNamedWithWhatToDo) {
  Write("pong.bin");
  EXPECT_EQ(LoadError("pong"),
            "the game file roms/pong.bin has the md5 1e2fd1645151e08b4c9641d068ff9818 instead of "
            "60e0ea3cbe0913d39803477945e9e5ec: run scripts/fetch_ale.sh again");
}

TEST_F(Roms, AnEmptyFileIsNamedWithWhatToDo) {
  Write("pong.bin");
  fs::resize_file(fs::path(DNE_ALE_ROM_DIR) / "pong.bin", 0);
  EXPECT_EQ(LoadError("pong"),
            "cannot read the game file roms/pong.bin: run scripts/fetch_ale.sh again");
}

TEST_F(Roms, TheGamesAreThoseWithAFileThatAleKnows) {
  Write("pong.bin");
  Write("readme.txt");
  Write("no_such_game.bin");
  EXPECT_EQ(AtariGameNames(), (std::vector<std::string>{"pong"}));
}

}  // namespace
}  // namespace dne
