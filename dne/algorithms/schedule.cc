// SPDX-License-Identifier: MIT
#include "dne/algorithms/schedule.h"

#include <fmt/format.h>

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

void Schedule::Visit(Fields& fields, std::string_view name, Range<float> range) {
  const bool changes = type != ScheduleType::kConstant;
  const std::string why = fmt::format("a {}_schedule that is not \"constant\" needs it", name);
  fields.Add(fmt::format("{}_schedule", name), type, kTypes, fmt::format("how {} changes", name));
  fields
      .Add(fmt::format("{}_end", name), end, range,
           fmt::format("linear and exponential only: {} at the end", name))
      .NeededIf(changes, type, why);
  fields
      .Add(fmt::format("{}_generations", name), generations, kCounts,
           fmt::format("linear and exponential only: generations until {}_end", name))
      .NeededIf(changes, type, why);
}

float Schedule::ValueAt(float start, uint64_t generation) const {
  const double first = start;
  const double last = end;
  const double progress = std::min(1.0, static_cast<double>(generation) / std::max(1, generations));
  switch (type) {
    case ScheduleType::kConstant:
      return start;
    case ScheduleType::kLinear:
      return static_cast<float>(first + (last - first) * progress);
    case ScheduleType::kExponential:
      return static_cast<float>(first * std::pow(last / first, progress));
  }
  return start;
}

}  // namespace dne
