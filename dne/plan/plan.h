// SPDX-License-Identifier: MIT
// What passes between an algorithm, the evaluator and the store: a plan (who is tried, on which
// episodes) and its results. results[i] belongs to plan.items[i], episodes in draw order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dne/episode/episode.h"
#include "dne/genome/genome.h"
#include "dne/genome/perturbation.h"

namespace dne {

// One genome to try.
struct Item {
  Genome genome;
  // Episode starts are drawn from (run seed, generation, item number, purpose).
  StreamId episodes;
  uint32_t num_episodes = 1;
  EpisodeOptions how;

  bool operator==(const Item&) const = default;
};

struct Plan {
  uint32_t generation = 0;
  std::string round;            // "train", "validate", "test"
  std::vector<Genome> parents;  // genomes worth keeping decoded while this plan runs
  std::vector<Centre> centres;  // those that genomes of this plan begin with, but for founders
  // How mutations of these genomes change their parents.
  PerturbationSpec perturbation;
  std::vector<Item> items;
  // The number of items[0] in its round: a round may be asked and told in several plans.
  uint32_t first_item = 0;
};

// The episodes of one policy, in the order in which they were asked for: of an item, draw order.
struct Result {
  std::vector<Episode> episodes;
  // notes[i] belongs to episodes[i]; none where nothing was asked for.
  std::vector<EpisodeNotes> notes;

  double MeanScore() const;
  uint64_t TotalSteps() const;  // as counted: an episode drawn twice counts twice
  uint64_t TotalFrames() const;

  bool operator==(const Result&) const = default;
};

}  // namespace dne
