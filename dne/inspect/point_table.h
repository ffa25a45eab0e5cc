// SPDX-License-Identifier: MIT
// The trials of a run that are drawn as points: some of each round, read once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dne/inspect/thinning.h"
#include "dne/store/store.h"

namespace dne {

struct TrialPoint {
  uint32_t generation = 0;
  Birth individual;
  std::optional<Birth> parent;
  double fitness = 0;
  uint64_t steps = 0;
  std::vector<uint8_t> descriptor;  // of its typical episode (TypicalEpisode)
};

// Grows with its run. Not thread-safe.
class PointTable {
 public:
  explicit PointTable(std::string round) : round_(std::move(round)) {}

  // Reads what has finished since, or everything anew with a wider thinning where it became too
  // much. `finished`: how many generations have.
  void Update(const RunStore& run, uint32_t finished);

  // Of generations below finished(), in their order.
  const std::vector<TrialPoint>& points() const { return points_; }
  const Thinning& thinning() const { return thinning_; }
  uint32_t finished() const { return next_; }

 private:
  void Measure(const RunStore& run, uint32_t generation);
  void Read(const RunStore& run, uint32_t finished);

  std::string round_;
  Thinning thinning_;
  uint32_t next_ = 0;           // the first generation that was not looked at
  uint32_t measured_ = 0;       // likewise, of which is known how large it is
  uint64_t trials_each_ = 1;    // the most that a generation that was measured has
  uint64_t episodes_each_ = 1;  // likewise, of a trial
  std::vector<TrialPoint> points_;
};

}  // namespace dne
