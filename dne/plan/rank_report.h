// SPDX-License-Identifier: MIT
// What became of each process of a job on many (dne/cluster/cluster.h).
#pragma once

#include <cstdint>
#include <string>

namespace dne {

struct RankReport {
  uint32_t rank = 0;
  std::string host;  // the machine it runs on
  uint32_t threads = 0;
  bool is_lost = false;
  uint64_t shares = 0;        // of rounds that it played, alone or as the first
  double busy_seconds = 0;    // spent on those, summed over its threads
  double seconds = 0;         // since it began
  double silent_seconds = 0;  // since it last said something, where an answer is waited for

  // Of its threads' time, not spent on shares that counted.
  double waited() const {
    return threads == 0 || seconds == 0 ? 0 : 1 - busy_seconds / (seconds * threads);
  }
  bool operator==(const RankReport&) const = default;
};

}  // namespace dne
