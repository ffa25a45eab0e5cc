// SPDX-License-Identifier: MIT
// Plays a game in all the ways that a console's chips could take differently, and tells what there
// was to see. Two builds, with ALE's chips and with dne's, must see the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "dne/base/digest.h"
#include "dne/envs/atari/emulator.h"
#include "play.h"

namespace dne {

class ConsolePlayer {
 public:
  explicit ConsolePlayer(const std::string& rom_file)
      : emulator_(rom_file),
        actions_(emulator_.Actions(/*full_action_set=*/true)),
        screen_bytes_(static_cast<size_t>(emulator_.screen_height() * kScreenWidth)) {}

  // Digest of reward, end and RAM of so many frames, and of the pictures that are looked at.
  uint64_t Play(int frames) {
    digest_ = {};
    for (int i = 0; i < frames; ++i) Frame();
    return digest_.value();
  }

 private:
  static constexpr int kBlock = 250;  // frames in which it plays in one way
  static constexpr int kSequel = 30;  // frames that are played twice, from a saved state

  void Frame() {
    const int block = frame_ / kBlock;
    if (frame_ % kBlock == 0) look_ = player_.Next(3);
    if (frame_ % kBlock == 100 + block % 7) {
      // Restored after a sequel, or gone on with after one was restored: what follows is the same.
      const auto state = emulator_.Save();
      for (int i = 0; i < kSequel && !emulator_.game_over(); ++i) Step(block, i);
      emulator_.Restore(*state);
    }
    if (emulator_.game_over()) emulator_.Reboot();
    Step(block, frame_);
    ++frame_;
  }

  void Step(int block, int frame) {
    // Each action is held for a block; between such blocks it is random, of one frame or of four.
    const bool hold = block % 2 == 0;
    if (hold) {
      choice_ = block / 2 % static_cast<int>(actions_.size());
    } else if (block % 4 == 1 || frame % 4 == 0) {
      choice_ = player_.Next(static_cast<int>(actions_.size()));
    }
    // As environments do, two of four; every one; or, now and then, one that was not meant to be
    // seen.
    const bool seen = look_ == 0 || (look_ == 1 && frame % 4 >= 2);
    const bool looked_at = seen ? look_ == 0 || frame % 4 == 3 : player_.Next(20) == 0;
    digest_.Add(emulator_.Frame(actions_[static_cast<size_t>(choice_)], seen));
    digest_.Add(int{emulator_.game_over()});
    digest_.AddBytes(emulator_.Ram());
    if (!looked_at) return;
    digest_.AddBytes({emulator_.screen(), screen_bytes_});
    digest_.AddBytes({emulator_.previous_screen(), screen_bytes_});
  }

  Emulator emulator_;
  std::vector<int> actions_;
  size_t screen_bytes_;
  RandomPlayer player_{1};
  Digest digest_;
  int frame_ = 0;
  int choice_ = 0;
  int look_ = 0;
};

}  // namespace dne
