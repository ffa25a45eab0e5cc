// SPDX-License-Identifier: MIT
// Episodes of a fixed pseudo-random player, and what is left of them to compare.
#pragma once

#include <cstdint>

#include "dne/base/digest.h"
#include "dne/envs/environment.h"

namespace dne {

// The same actions everywhere: a linear congruential generator (Knuth's MMIX constants).
class RandomPlayer {
 public:
  explicit RandomPlayer(uint64_t seed) : state_(seed) {}
  int Next(int num_actions) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((state_ >> 33) % static_cast<uint64_t>(num_actions));
  }

 private:
  uint64_t state_;
};

struct Played {
  uint64_t observations = 0;  // digest of all of them, the first one included
  double score = 0;
  int64_t frames = 0;
  int steps = 0;
  bool terminal = false;
  uint64_t ram = 0;  // digest of the last descriptor

  bool operator==(const Played&) const = default;
};

// One step, added to what was played.
inline void PlayStep(Environment& environment, RandomPlayer& player, Digest& digest,
                     Played& played) {
  const StepResult result = environment.Step(player.Next(environment.spec().num_actions));
  digest.AddBytes(environment.observation());
  played.score += result.reward;
  played.frames += result.frames;
  played.terminal = result.terminal;
  ++played.steps;
}

// One episode from Reset to its end, or to max_steps.
inline Played Play(Environment& environment, uint32_t noops, int max_steps,
                   uint64_t player_seed = 1, uint64_t episode_seed = 0) {
  Played played;
  RandomPlayer player(player_seed);
  environment.Reset(noops, episode_seed);
  Digest digest;
  digest.AddBytes(environment.observation());
  while (!played.terminal && played.steps < max_steps) {
    PlayStep(environment, player, digest, played);
  }
  played.observations = digest.value();
  Digest ram;
  ram.AddBytes(environment.descriptor());
  played.ram = ram.value();
  return played;
}

}  // namespace dne
