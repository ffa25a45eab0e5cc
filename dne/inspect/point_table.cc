// SPDX-License-Identifier: MIT
#include "dne/inspect/point_table.h"

#include <algorithm>
#include <utility>

#include "dne/policy/policy_run.h"

namespace dne {
namespace {

constexpr uint64_t kMostPoints = 20'000;
// Points of trials with many episodes take long to read.
constexpr uint64_t kMostEpisodes = 60'000;

TrialPoint PointOf(TrialRecord& trial) {
  TrialPoint point{.generation = trial.generation,
                   .individual = trial.individual,
                   .parent = trial.parent,
                   .fitness = trial.fitness,
                   .steps = trial.steps,
                   .descriptor = {}};
  if (const Episode* typical = TypicalEpisode(trial.episodes)) {
    point.descriptor = typical->descriptor;
  }
  return point;
}

}  // namespace

void PointTable::Update(const RunStore& run, uint32_t finished) {
  if (finished <= next_) return;
  // The first with members, and the last: populations may grow.
  if (measured_ < 2) Measure(run, std::min(measured_++, finished - 1));
  Measure(run, finished - 1);
  const Thinning needed = Widened(thinning_, finished, trials_each_,
                                  std::min(kMostPoints, 1 + kMostEpisodes / episodes_each_));
  if (needed != thinning_) {
    thinning_ = needed;
    points_.clear();
    next_ = 0;
  }
  Read(run, finished);
}

void PointTable::Measure(const RunStore& run, uint32_t generation) {
  const std::vector<TrialRecord> trials = run.Trials(generation, round_);
  trials_each_ = std::max<uint64_t>(trials_each_, trials.size());
  for (const TrialRecord& trial : trials) {
    episodes_each_ = std::max<uint64_t>(episodes_each_, trial.episodes.size());
  }
}

void PointTable::Read(const RunStore& run, uint32_t finished) {
  for (; next_ < finished; ++next_) {
    if (next_ % thinning_.generations != 0) continue;
    for (TrialRecord& trial : run.Trials(next_, round_, thinning_.trials)) {
      points_.push_back(PointOf(trial));
    }
  }
}

}  // namespace dne
