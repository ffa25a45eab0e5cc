// SPDX-License-Identifier: MIT
#include "dne/algorithms/schedule.h"

#include <algorithm>
#include <cmath>

#include "dne/algorithms/limits.h"

namespace dne {
namespace {

constexpr std::array<Choice<ScheduleType>, 3> kTypes = {
    {{"constant", ScheduleType::kConstant},
     {"linear", ScheduleType::kLinear},
     {"exponential", ScheduleType::kExponential}}};

}  // namespace

void Schedule::Visit(Fields& fields) {
  const bool changes = type != ScheduleType::kConstant;
  constexpr std::string_view kWhy = "a sigma_schedule that is not \"constant\" needs it";
  fields.Add("sigma", start, kSigmas, "mutation power; with sm_r the divergence to reach");
  fields.Add("sigma_schedule", type, kTypes, "how sigma changes");
  fields.Add("sigma_end", end, kSigmas, "linear and exponential only: sigma at the end")
      .NeededIf(changes, type, kWhy);
  fields
      .Add("sigma_generations", generations, kCounts,
           "linear and exponential only: generations until sigma_end")
      .NeededIf(changes, type, kWhy);
}

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
