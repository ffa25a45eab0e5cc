// SPDX-License-Identifier: MIT
// What an episode is, and what may be noted of it besides.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace dne {

// How one episode starts. Equal starts give equal episodes for the same policy.
struct EpisodeStart {
  uint32_t noops = 0;
  std::optional<uint64_t> seed{};  // none where the task is deterministic apart from the no-ops

  // As encodings, stores and digests hold the seed: 0 is none. No world draws 0.
  uint64_t seed_code() const { return seed.value_or(0); }
  static EpisodeStart FromCode(uint32_t noops, uint64_t seed_code) {
    return {noops, seed_code == 0 ? std::nullopt : std::optional(seed_code)};
  }

  auto operator<=>(const EpisodeStart&) const = default;
};

enum class EpisodeEnd : uint8_t {
  kTerminal = 0,   // the task ended it: game over
  kStepLimit = 1,  // cut off by the step cap
  kInvalid = 2,    // it broke down (unstable physics, a network output that is not a number)
  kSolved = 3,     // the task's goal is reached
};
// Readers of foreign bytes refuse larger ones.
inline constexpr EpisodeEnd kLastEpisodeEnd = EpisodeEnd::kSolved;

// Stored, and compared where an episode is played again.
struct Episode {
  EpisodeStart start;
  double score = 0;     // sum of rewards, unclipped; of an invalid episode never more than 0
  uint32_t steps = 0;   // decisions of the policy
  uint64_t frames = 0;  // of the emulator or simulator, those before the first decision excluded
  EpisodeEnd end = EpisodeEnd::kTerminal;
  std::vector<uint8_t> descriptor;  // behaviour at the end: on Atari the 128 bytes of RAM

  bool operator==(const Episode&) const = default;
};

// What a policy saw in an episode, as its network was given it: observations one after the other,
// of bytes or of floats.
struct Experience {
  std::vector<uint8_t> bytes;
  std::vector<float> floats;

  bool empty() const { return bytes.empty() && floats.empty(); }
  bool operator==(const Experience&) const = default;
};

// For the algorithm and its mutations only: neither stored nor compared. What was not asked for is
// empty.
struct EpisodeNotes {
  double sign_sum = 0;              // of the rewards' signs
  std::vector<uint8_t> trajectory;  // behaviour at every step, packed (dne/novelty/trajectory.h)
  // Observations seen, as the policy was given them but before normalisation: their number, the
  // sum of each, the sum of the squares of each.
  std::vector<double> observation_sums;
  Experience experience;

  bool operator==(const EpisodeNotes&) const = default;
};

// Which notes are asked for.
struct WantedNotes {
  bool sign_sum = false;
  bool trajectory = false;
  bool observation_sums = false;
  // So many observations at most: of a network with a state the first ones, else spread evenly.
  uint32_t experience = 0;

  bool any() const { return sign_sum || trajectory || observation_sums || experience > 0; }
  bool operator==(const WantedNotes&) const = default;
};

// What holds for all episodes of an item.
struct EpisodeOptions {
  uint32_t max_steps = 0;
  bool perturbed = false;  // what the task keeps for perturbed policies holds
  WantedNotes notes;

  bool operator==(const EpisodeOptions&) const = default;
};

}  // namespace dne
