// SPDX-License-Identifier: MIT
#include "dne/algorithms/step_cap.h"

#include <algorithm>
#include <cmath>

namespace dne {
namespace {

// The shorter of two limits, of which 0 is none.
uint32_t ShorterLimit(uint32_t a, uint32_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

}  // namespace

StepCap::StepCap(const StepCapOptions& options, uint32_t environment_limit)
    : options_(options),
      longest_(ShorterLimit(static_cast<uint32_t>(options.max_episode_steps), environment_limit)),
      steps_(options.type == StepCapType::kAdaptive
                 ? std::min(static_cast<uint32_t>(options.first), longest_)
                 : longest_) {}

void StepCap::Adapt(uint64_t episodes, uint64_t cut_off) {
  if (options_.type == StepCapType::kFixed) return;
  if (static_cast<double>(cut_off) < options_.share * static_cast<double>(episodes)) return;
  const double grown = std::max(std::floor(options_.growth * steps_), steps_ + 1.0);
  steps_ = static_cast<uint32_t>(std::min<double>(grown, longest_));
}

}  // namespace dne
