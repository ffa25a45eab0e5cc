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

// One game, booted: immutable and shared by all environments made from it. Emulates boot, FIRE
// start and no-ops once for every no-op count, so that a reset is one state restore.
class AtariGame {
 public:
  // Throws Error for an unknown game (with the nearest known name), options out of range, or a
  // missing or wrong game file.
  static std::shared_ptr<const AtariGame> Load(std::string_view game, const AtariOptions& options);
  virtual ~AtariGame() = default;

  virtual const std::string& name() const = 0;
  virtual const AtariOptions& options() const = 0;
  virtual const EnvironmentSpec& spec() const = 0;
  // ALE's names of the actions, in action order: "NOOP", "FIRE", "UP", ...
  virtual std::vector<std::string> action_names() const = 0;

  // The game stays alive as long as its environments. Any thread may call this. Reset throws Error
  // for more no-ops than max_noops; the sticky actions of an episode are drawn from its seed.
  virtual std::unique_ptr<Environment> MakeEnvironment() const = 0;
};

}  // namespace dne
