// SPDX-License-Identifier: MIT
// The parts of a policy's step on Atari, each measured alone, and all together. Random numbers are
// fixed, so every measurement does the same work; `threads` threads do it at the same time, each
// with its own emulator, network and policy.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dne/bench/timing.h"
#include "dne/envs/atari/atari.h"
#include "dne/nn/network.h"
#include "dne/tasks/episode_task.h"

namespace dne {

// Steps a second under random actions, resets from a saved state in the time but not in the count:
// of the emulator without observations, and of the environment, which makes them.
Spread EmulatorRate(const AtariGame& game, int threads, const Timing& timing);
Spread EnvironmentRate(const AtariGame& game, int threads, const Timing& timing);

// Observations one after the other.
using Observations = std::vector<uint8_t>;

// The first ones of one episode under random actions, up to `limit`.
Observations RecordEpisode(const AtariGame& game, size_t limit);

// An episode of a founder's, or its beginning.
struct PlayedEpisode {
  EpisodeStart start;
  std::vector<int> actions;
  Observations observations;  // those that the actions follow from
};
// Of each of the founders that whole episodes are measured with, in their order, up to `limit`
// steps. What a part costs depends on what is played: founders often hold one action, and much or
// little of the picture moves. `setup` is of the game.
std::vector<PlayedEpisode> RecordPlay(const EpisodeSetup& setup, Isa isa, uint32_t limit,
                                      const Timing& timing);

// The environment's part of those episodes: steps a second, resets in the time but not in the
// count.
Spread EnvironmentRate(const AtariGame& game, const std::vector<PlayedEpisode>& episodes,
                       int threads, const Timing& timing);
// The network's: evaluations a second, one observation at a time, each founder on its own.
Spread NetworkRate(const Network& network, Isa isa, const std::vector<PlayedEpisode>& episodes,
                   int threads, const Timing& timing);
// Noise: nothing stays from one to the next.
Observations RandomObservations(const AtariGame& game, size_t count);

// Throws BugError unless this code path computes the same bits as the reference on them.
void CheckForward(const Network& network, Isa isa, std::span<const uint8_t> observations);

// Evaluations a second, one observation at a time, of random founders in turn, all on the same.
Spread NetworkRate(const Network& network, Isa isa, const Observations& observations, int threads,
                   const Timing& timing);

// Steps a second of members of one founder's cloud together, each on observations of its own: of
// low rank side by side in the lanes of one forward pass; of rank 0 each by its own weights.
Spread MembersRate(const Network& network, Isa isa, const Observations& observations, int members,
                   int rank, const Timing& timing);

// How often a second a network under virtual batch normalisation takes another policy: those that
// `initialise` writes in turn.
Spread PolicyRate(const Network& network, std::span<const uint8_t> reference_batch,
                  const Initialiser& initialise, Isa isa, int threads, const Timing& timing);

}  // namespace dne
