// SPDX-License-Identifier: MIT
// How the mutation power changes with the generation.
#pragma once

#include <cstdint>

#include "dne/config/field.h"

namespace dne {

enum class ScheduleType { kConstant, kLinear, kExponential };

// From `start` at generation 0 to `end` at generation `generations` and after: along a line, or by
// a constant factor a generation. Constant: `start` throughout.
struct Schedule {
  ScheduleType type = ScheduleType::kConstant;
  float start = 0.002f;
  float end = 0.002f;
  int generations = 1;

  void Visit(Fields& fields);
  bool operator==(const Schedule&) const = default;
};

float ScheduleValue(const Schedule& schedule, uint32_t generation);

}  // namespace dne
