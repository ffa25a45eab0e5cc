// SPDX-License-Identifier: MIT
// Whether a world keeps the contract of dne/envs/environment.h, as far as random play shows it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dne/envs/environment.h"

namespace dne {

struct EnvironmentCheckOptions {
  uint64_t seed = 1;  // of starts and actions
  int episodes = 5;
  uint32_t max_steps = 1000;  // of each
};

// One thing that should be so.
struct EnvironmentFinding {
  std::string what;  // "the same seed gives the same episode"
  bool holds = false;
  std::string detail;  // where it does not: what was seen
};

struct EnvironmentReport {
  std::vector<EnvironmentFinding> findings;
  uint64_t steps = 0;  // of all that was played
  double seconds = 0;  // that they took, resets included

  bool AllHold() const;
};

// Plays each episode several times, alone and beside others, as workers do. Blocks; once `cancel`
// is true what it returns is worthless. `clock`: seconds. Throws what the world throws.
EnvironmentReport CheckEnvironment(const World& world, const EnvironmentCheckOptions& options,
                                   const std::function<double()>& clock,
                                   const std::atomic<bool>& cancel);

// An empty text where the first episode, played twice and, in a world that steps together, beside
// others, is the same; else what differed.
std::string FindDifference(const World& world, const EnvironmentCheckOptions& options,
                           const std::atomic<bool>& cancel);

}  // namespace dne
