// SPDX-License-Identifier: MIT
// What passes between an algorithm, the evaluator and the store: a plan (who is tried, on which
// episodes) and its results. results[i] belongs to plan.items[i], episodes in draw order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dne/genome/genome.h"

namespace dne {

// How one episode starts. Equal starts give equal episodes for the same policy.
struct EpisodeStart {
  uint32_t noops = 0;
  uint64_t seed = 0;  // 0 where the task is deterministic apart from the no-ops

  auto operator<=>(const EpisodeStart&) const = default;
};

enum class EpisodeEnd : uint8_t {
  kTerminal = 0,   // the task ended it: game over, goal reached
  kStepLimit = 1,  // cut off by the step cap
};

struct Episode {
  EpisodeStart start;
  double score = 0;     // sum of rewards, unclipped
  uint32_t steps = 0;   // decisions of the policy
  uint64_t frames = 0;  // emulator frames, no-ops and FIRE start excluded
  EpisodeEnd end = EpisodeEnd::kTerminal;
  std::vector<uint8_t> descriptor;  // behaviour at the end: on Atari the 128 bytes of RAM

  bool operator==(const Episode&) const = default;
};

// One genome to try.
struct Item {
  Genome genome;
  // Episode starts are drawn from (run seed, generation, item number, purpose).
  StreamId episodes;
  uint32_t num_episodes = 1;
  uint32_t max_episode_steps = 0;
};

struct Plan {
  uint32_t generation = 0;
  std::string round;            // "train", "validate", "test"
  std::vector<Genome> parents;  // genomes worth keeping decoded while this plan runs
  std::vector<Item> items;
};

struct Result {
  std::vector<Episode> episodes;  // num_episodes of them, in draw order

  double MeanScore() const;
  uint64_t TotalSteps() const;  // as counted: an episode drawn twice counts twice
  uint64_t TotalFrames() const;
};

}  // namespace dne
