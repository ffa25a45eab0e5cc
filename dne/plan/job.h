// SPDX-License-Identifier: MIT
// The pieces in which a plan's episodes are handed to workers, and what comes back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dne/plan/plan.h"

namespace dne {

// Some episodes of one item of a plan, played by one worker side by side.
struct Job {
  uint32_t item = 0;
  std::vector<EpisodeStart> starts;

  bool operator==(const Job&) const = default;
};

struct JobResult {
  uint32_t item = 0;
  Result played;
  double seconds = 0;  // that the episodes took; only for reports

  bool operator==(const JobResult&) const = default;
};

}  // namespace dne
