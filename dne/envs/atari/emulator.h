// SPDX-License-Identifier: MIT
// One emulated Atari 2600 with its game, frame by frame: what dne needs of the Arcade Learning
// Environment (Bellemare et al., JAIR 2013) and no more. The emulator is driven from its parts,
// since ALE's own act() copies the screen and the RAM every frame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dne {

inline constexpr int kScreenWidth = 160;

// Private to one thread; two on two threads do not disturb each other.
class Emulator {
 public:
  // The state of an emulator of the same game: what follows a Restore depends on nothing else.
  struct State;

  // Whether ALE knows the game, by the name of its file. The package has files of games for two
  // players that it does not know.
  static bool Knows(const std::string& rom_file);

  // Boots the game. Throws Error if the file is missing, or not the game that its name says.
  explicit Emulator(const std::string& rom_file);
  ~Emulator();

  int screen_height() const;
  // ALE's numbers of the actions.
  std::vector<int> Actions(bool full_action_set) const;
  static std::string ActionName(int action);
  // Grey value of each palette index, as ALE's getScreenGrayscale has it.
  std::array<uint8_t, 256> GreyPalette() const;

  // Red, green and blue of each palette index.
  std::array<uint8_t, 3 * 256> ColourPalette() const;

  // Emulates one frame; the answer is its reward. Not allowed once the game is over. ALE's reward
  // is by how much the game's score counter changed; where the counter ran over (999,950 and 100
  // more points are 50), the reward is what was earned all the same. A frame whose screen will
  // hardly be asked for is cheaper with `seen` false; it may be asked for all the same.
  int Frame(int action, bool seen = true);
  bool game_over() const;
  // To the game's start, as ALE resets it: not the same RAM as after the first boot.
  void Reboot();

  // Palette indices of the last frame and the one before it, screen_height() rows of
  // kScreenWidth. Valid until the next Frame, Reboot or Restore.
  const uint8_t* screen() const;
  const uint8_t* previous_screen() const;

  std::vector<uint8_t> Ram() const;
  void SetRam(std::span<const uint8_t> ram);

  // How many points the game's score counter has room for, a power of ten: it shows 0 again after
  // this many. 0: the score is no decimal counter of three or more digits.
  static int ScoreRange(const std::string& rom_file);

  std::shared_ptr<const State> Save();
  void Restore(const State& state);

 private:
  struct Console;

  int Earned(int reward);

  std::string rom_file_;
  std::unique_ptr<Console> console_;
  std::optional<int> score_range_;  // once it was needed
};

}  // namespace dne
