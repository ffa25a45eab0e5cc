// SPDX-License-Identifier: MIT
// The longest episode of a cloud's members: fixed, or growing while many of them reach it (the
// "adaptive" episode cutoff of the released code of 1703.03864).
#pragma once

#include <cstdint>
#include <span>

#include "dne/base/bytes.h"
#include "dne/config/field.h"
#include "dne/config/mistakes.h"
#include "dne/plan/plan.h"
#include "dne/plan/task_facts.h"

namespace dne {

enum class StepCapType { kFixed, kAdaptive };

struct StepCapOptions {
  StepCapType type = StepCapType::kFixed;
  int max_episode_steps = 5000;  // in training and validation; 0: the environment's own limit
  int first = 1000;              // adaptive only
  double share = 0.5;            // adaptive: where so many episodes reach the cap ...
  double growth = 2;             // ... it is multiplied by this, at least one step longer

  void Visit(Fields& fields);
  void Check(const TaskFacts& task, Mistakes& mistakes) const;
  bool operator==(const StepCapOptions&) const = default;
};

class StepCap {
 public:
  // `environment_limit`: of an episode's steps; 0: none. No cap is longer than it or
  // max_episode_steps, and none shrinks. Throws Error where both are 0: what limit a program has is
  // known only once it is started.
  StepCap(const StepCapOptions& options, uint32_t environment_limit);

  // Of a centre's validation.
  uint32_t longest() const { return longest_; }
  // Of members, in this generation.
  uint32_t steps() const { return steps_; }

  // A generation's members: how many episodes they played, and how many of these were cut off.
  void Adapt(uint64_t episodes, uint64_t cut_off);

  void Save(ByteWriter& out) const { out.Add(steps_); }
  void Restore(ByteReader& in);

 private:
  StepCapOptions options_;
  uint32_t longest_;
  uint32_t steps_;
};

}  // namespace dne
