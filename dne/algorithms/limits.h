// SPDX-License-Identifier: MIT
// Limits that options of several algorithms share.
#pragma once

#include <string_view>

#include "dne/config/field.h"
#include "dne/config/mistakes.h"
#include "dne/plan/task_facts.h"

namespace dne {

inline constexpr int kMaxCount = 1'000'000;          // individuals, episodes, generations
inline constexpr int kMaxEpisodeSteps = 10'000'000;  // 100 times the papers' longest
inline constexpr Range<int> kCounts = {1, kMaxCount};
// Up to where noise and weights are still sensible numbers.
inline constexpr Range<float> kSigmas = {1e-6f, 10};

// `steps`, the field `name`, is how long episodes are at most: they must reach the task's reward.
void CheckRewardIsReached(std::string_view name, const int& steps, const TaskFacts& task,
                          Mistakes& mistakes);

}  // namespace dne
