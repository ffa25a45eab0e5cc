// SPDX-License-Identifier: MIT
// Episodes of fixed pseudo-random players, and what is left of them to compare.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dne/base/digest.h"
#include "dne/envs/environment.h"
#include "dne/episode/descriptor.h"

namespace dne {

// The same actions everywhere: a linear congruential generator (Knuth's MMIX constants).
class RandomPlayer {
 public:
  explicit RandomPlayer(uint64_t seed) : state_(seed) {}

  int Next(int num_actions) {
    return static_cast<int>(NextBits() % static_cast<uint64_t>(num_actions));
  }
  // Any action there is; numbers are from -1 to 1. Valid until the next one.
  Action Next(const ActionSpec& spec) {
    if (spec.type == ActionType::kDiscrete) return {.choice = Next(spec.size)};
    values_.resize(static_cast<size_t>(spec.size));
    for (float& value : values_) {
      value = static_cast<float>(static_cast<double>(NextBits()) * 0x1p-30 - 1);
    }
    return {.values = values_};
  }

 private:
  uint64_t NextBits() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }

  uint64_t state_;
  std::vector<float> values_;
};

inline void AddObservation(const Environment& environment, Digest& digest) {
  const Observation seen = environment.observation();
  digest.AddBytes(seen.bytes);
  for (const float number : seen.floats) digest.Add(number);
}

struct Played {
  uint64_t observations = 0;  // digest of all of them, the first one included
  double score = 0;
  int64_t frames = 0;
  int steps = 0;
  bool terminal = false;
  uint64_t behaviour = 0;  // digest of the last descriptor

  bool operator==(const Played&) const = default;
};

// An episode from its start on, a step at a time.
class Player {
 public:
  Player(const World& world, Environment& environment, const EpisodeStart& start,
         uint64_t player_seed)
      : action_(world.spec().action), environment_(environment), random_(player_seed) {
    environment_.Reset(start);
    AddObservation(environment_, digest_);
  }

  // Of the next Step, so that several start before one is finished.
  void StartStep() {
    if (!played_.terminal) environment_.StartStep(Next());
  }
  // Nothing after the end.
  void Step() {
    if (played_.terminal) return;
    const StepResult result = environment_.Step(Next());
    next_.reset();
    AddObservation(environment_, digest_);
    played_.score += result.reward;
    played_.frames += result.frames;
    played_.terminal = result.terminal;
    ++played_.steps;
  }

  Played played() const {
    Played played = played_;
    played.observations = digest_.value();
    Digest behaviour;
    behaviour.AddBytes(environment_.descriptor());
    played.behaviour = behaviour.value();
    return played;
  }

 private:
  const Action& Next() {
    if (!next_) next_ = random_.Next(action_);
    return *next_;
  }

  const ActionSpec& action_;
  Environment& environment_;
  RandomPlayer random_;
  std::optional<Action> next_;
  Digest digest_;
  Played played_;
};

// One episode to its end, or to max_steps.
inline Played Play(const World& world, Environment& environment, const EpisodeStart& start,
                   int max_steps, uint64_t player_seed = 1) {
  Player player(world, environment, start, player_seed);
  for (int step = 0; step < max_steps; ++step) player.Step();
  return player.played();
}

inline Played Play(const World& world, const EpisodeStart& start, int max_steps,
                   uint64_t player_seed = 1) {
  return Play(world, *world.MakeEnvironment(), start, max_steps, player_seed);
}

// Where the behaviour is a point: that point as of now.
inline std::vector<double> PlaceOf(const Environment& environment) {
  return PointFromDescriptor(environment.descriptor());
}

}  // namespace dne
