// SPDX-License-Identifier: MIT
// Atari games through the Arcade Learning Environment, preprocessed as the papers did
// (1712.06567 v3 7.6 and the released code): grey, the larger of the last two of four frames,
// bilinear to 84x84 with corners aligned, a stack of four.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dne/envs/environment.h"

namespace dne {

struct AtariOptions {
  int frame_skip = 4;       // emulator frames per decision
  int frame_stack = 4;      // observations a policy sees at once
  int max_noops = 30;       // an episode starts with 1..max_noops no-op frames; 0: none
  bool fire_start = true;   // where action 1 is FIRE: FIRE, then action 2, each for one step
  bool zero_stack = false;  // at reset the stack is zeros before the first frame (the GPU code)
                            // instead of repeats of the first frame (the CPU code)
  float sticky_probability = 0;  // chance, each emulator frame, that the last action stays
  bool full_action_set = false;  // all that ALE allows in the game, not its minimal set only

  bool operator==(const AtariOptions&) const = default;
};

// Games are named as ALE names its ROM files: "frostbite", "space_invaders". Sorted.
std::vector<std::string> AtariGameNames();

// One game, booted. Its observations are bytes, its actions ALE's ("NOOP", "FIRE", "UP", ...), its
// behaviour is the 128 bytes of RAM. Emulator and policy are deterministic, so the number of no-ops
// is the whole start (1..max_noops, papers 2.4); with sticky actions, which are drawn from it,
// every episode has a seed as well. Emulates boot, FIRE start and no-ops once for every no-op
// count, so that a reset is one state restore; Reset throws Error for more no-ops than max_noops.
class AtariGame : public World {
 public:
  // Throws Error for an unknown game (with the nearest known name), options out of range, or a
  // missing or wrong game file.
  static std::shared_ptr<const AtariGame> Load(std::string_view game, const AtariOptions& options);

  virtual const std::string& name() const = 0;
  virtual const AtariOptions& options() const = 0;
};

}  // namespace dne
