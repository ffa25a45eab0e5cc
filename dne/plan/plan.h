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
  kInvalid = 2,    // the simulation broke down: see ControlEnvironment for the score
};

struct Episode {
  EpisodeStart start;
  double score = 0;     // sum of rewards, unclipped
  uint32_t steps = 0;   // decisions of the policy
  uint64_t frames = 0;  // emulator frames, no-ops and FIRE start excluded
  EpisodeEnd end = EpisodeEnd::kTerminal;
  std::vector<uint8_t> descriptor;  // behaviour at the end: on Atari the 128 bytes of RAM

  // For the algorithm only, not stored; the lists are empty unless the item asks for them.
  double sign_sum = 0;              // of the rewards' signs
  std::vector<uint8_t> trajectory;  // behaviour at every step, packed (dne/novelty/trajectory.h)
  // Observations seen, as the policy was given them but before normalisation: their number, the
  // sum of each, the sum of the squares of each.
  std::vector<double> observation_sums;

  bool operator==(const Episode&) const = default;
};

// What holds for all episodes of an item.
struct EpisodeOptions {
  uint32_t max_steps = 0;
  bool perturbed = false;          // what the task keeps for perturbed policies holds
  bool want_trajectory = false;    // fill Episode::trajectory
  bool want_observations = false;  // fill Episode::observation_sums

  bool operator==(const EpisodeOptions&) const = default;
};

// One genome to try.
struct Item {
  Genome genome;
  // Episode starts are drawn from (run seed, generation, item number, purpose).
  StreamId episodes;
  uint32_t num_episodes = 1;
  EpisodeOptions how;
};

struct Plan {
  uint32_t generation = 0;
  std::string round;            // "train", "validate", "test"
  std::vector<Genome> parents;  // genomes worth keeping decoded while this plan runs
  std::vector<Centre> centres;  // those that genomes of this plan begin with, but for founders
  std::vector<Item> items;
};

struct Result {
  std::vector<Episode> episodes;  // num_episodes of them, in draw order

  double MeanScore() const;
  uint64_t TotalSteps() const;  // as counted: an episode drawn twice counts twice
  uint64_t TotalFrames() const;
};

}  // namespace dne
