// SPDX-License-Identifier: MIT
#include "dne/algorithms/schedule.h"

#include <algorithm>
#include <cmath>

namespace dne {

float ScheduleValue(const Schedule& schedule, uint32_t generation) {
  const double start = schedule.start;
  const double end = schedule.end;
  const double progress =
      std::min(1.0, double{static_cast<double>(generation)} / std::max(1, schedule.generations));
  switch (schedule.type) {
    case ScheduleType::kConstant:
      return schedule.start;
    case ScheduleType::kLinear:
      return static_cast<float>(start + (end - start) * progress);
    case ScheduleType::kExponential:
      return static_cast<float>(start * std::pow(end / start, progress));
  }
  return schedule.start;
}

}  // namespace dne
