// SPDX-License-Identifier: MIT
#include "dne/algorithms/step_cap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "dne/algorithms/limits.h"
#include "dne/algorithms/stored_state.h"
#include "dne/base/error.h"
#include "dne/config/mistakes.h"

namespace dne {
namespace {

constexpr std::array<Choice<StepCapType>, 2> kTypes = {
    {{"fixed", StepCapType::kFixed}, {"adaptive", StepCapType::kAdaptive}}};

constexpr const char* kNoLimit =
    "max_episode_steps is 0, but the environment has no limit of its own: give a number";

// The shorter of two limits, of which 0 is none.
uint32_t ShorterLimit(uint32_t a, uint32_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

}  // namespace

void StepCapOptions::Visit(Fields& fields) {
  fields.Add("max_episode_steps", max_episode_steps, Range<int>{0, kMaxEpisodeSteps},
             "longest episode in training and validation; 0: the environment's own limit");
  fields.Add("step_cap", type, kTypes,
             "of members' episodes: max_episode_steps, or growing towards it");
  const bool adaptive = type == StepCapType::kAdaptive;
  fields.Add("first_step_cap", first, Range<int>{1, kMaxEpisodeSteps}, "adaptive only")
      .OnlyIf(adaptive, type);
  fields
      .Add("cap_share", share, Range<double>{0, 1},
           "adaptive only: where so many episodes reach the cap ...")
      .OnlyIf(adaptive, type);
  fields
      .Add("cap_growth", growth, Range<double>{1, 1000},
           "... it is multiplied by this, and is one step longer at least")
      .OnlyIf(adaptive, type);
}

void StepCapOptions::Check(const TaskFacts& task, Mistakes& mistakes) const {
  if (max_episode_steps == 0 && !task.has_step_limit) {
    mistakes.Contradiction(kNoLimit, max_episode_steps);
  }
  if (max_episode_steps > 0) {
    CheckRewardIsReached("max_episode_steps", max_episode_steps, task, mistakes);
  }
  if (type == StepCapType::kAdaptive) {
    CheckRewardIsReached("first_step_cap", first, task, mistakes);
  }
  if (type == StepCapType::kFixed || max_episode_steps == 0 || first <= max_episode_steps) return;
  mistakes.Contradiction(
      fmt::format("first_step_cap is {0}{1}, but max_episode_steps is {2}{3}: give "
                  "first_step_cap = {2} or less",
                  first, mistakes.DefaultNote(first), max_episode_steps,
                  mistakes.DefaultNote(max_episode_steps)),
      first, max_episode_steps);
}

StepCap::StepCap(const StepCapOptions& options, uint32_t environment_limit)
    : options_(options),
      longest_(ShorterLimit(static_cast<uint32_t>(options.max_episode_steps), environment_limit)),
      steps_(options.type == StepCapType::kAdaptive
                 ? std::min(static_cast<uint32_t>(options.first), longest_)
                 : longest_) {
  if (longest_ == 0) throw Error(kNoLimit);
}

void StepCap::Adapt(uint64_t episodes, uint64_t cut_off) {
  if (options_.type == StepCapType::kFixed) return;
  if (static_cast<double>(cut_off) < options_.share * static_cast<double>(episodes)) return;
  const double grown = std::max(std::floor(options_.growth * steps_), steps_ + 1.0);
  steps_ = static_cast<uint32_t>(std::min<double>(grown, longest_));
}

void StepCap::Restore(ByteReader& in) {
  steps_ = std::min(in.Read<uint32_t>(), longest_);
  ExpectSound(steps_ > 0, "its step cap is 0");
}

}  // namespace dne
