// SPDX-License-Identifier: MIT
// What the kinds of programs have in common as configurations choose them. Inside this folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dne/envs/world_kind.h"

namespace dne {

struct ProcessLimits {
  ObservationType observation = ObservationType::kFloats;
  double start_seconds = 60;
  double step_seconds = 60;
  int num_envs = 0;  // 0: as the kind has it

  void Visit(Fields& fields);
  bool operator==(const ProcessLimits&) const = default;
};

// What only the program knows counts as there; whoever needs it asks the world.
WorldFacts ProcessFacts(const ProcessLimits& limits, bool starts_programs);

// Starts it. Throws Error where it may not be started.
std::shared_ptr<const World> LoadProcess(const std::vector<std::string>& command,
                                         const ProcessLimits& limits, bool may_start);

}  // namespace dne
