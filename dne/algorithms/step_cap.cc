// SPDX-License-Identifier: MIT
#include "dne/algorithms/step_cap.h"

#include <algorithm>
#include <cmath>

namespace dne {

StepCap::StepCap(const StepCapOptions& options, uint32_t environment_limit)
    : options_(options),
      longest_(options.max_episode_steps > 0 ? static_cast<uint32_t>(options.max_episode_steps)
                                             : environment_limit),
      steps_(options.type == StepCapType::kAdaptive ? static_cast<uint32_t>(options.first)
                                                    : longest_) {}

void StepCap::Adapt(uint64_t episodes, uint64_t cut_off) {
  if (options_.type == StepCapType::kFixed) return;
  if (static_cast<double>(cut_off) < options_.share * static_cast<double>(episodes)) return;
  const double grown = std::floor(options_.growth * steps_);
  steps_ = static_cast<uint32_t>(std::min<double>(grown, longest_));
}

}  // namespace dne
