// SPDX-License-Identifier: MIT
// How a number of an algorithm, its sigma or learning rate, changes with the generation.
#pragma once

#include <cstdint>
#include <string_view>

#include "dne/config/field.h"

namespace dne {

enum class ScheduleType { kConstant, kLinear, kExponential };

// From where the number starts at generation 0 to `end` at generation `generations` and after:
// along a line, or by a constant factor a generation. Constant: as it starts throughout.
struct Schedule {
  ScheduleType type = ScheduleType::kConstant;
  float end = 0.002f;
  int generations = 1;

  float ValueAt(float start, uint64_t generation) const;

  // Of the field `name`, whose numbers have the limits `range`: name_schedule and so on.
  void Visit(Fields& fields, std::string_view name, Range<float> range);
  bool operator==(const Schedule&) const = default;
};

}  // namespace dne
