// SPDX-License-Identifier: MIT
#include "dne/algorithms/moments.h"

#include <fmt/format.h>

#include <utility>

#include "dne/base/error.h"
#include "dne/base/finite.h"

namespace dne {

void VisitMomentum(Fields& fields, double& learning_rate, Schedule& schedule, double& momentum) {
  constexpr Range<double> kRates = {1e-9, 1000};
  fields.Add("learning_rate", learning_rate, kRates, "step size");
  schedule.Visit(fields, "learning_rate",
                 {static_cast<float>(kRates.min), static_cast<float>(kRates.max)});
  fields.Add("momentum", momentum, Range<double>{0, 0.9999}, "adam's beta 1 as well");
}

float StepLength(double learning_rate, const Schedule& schedule, uint64_t generation) {
  const auto start = static_cast<float>(learning_rate);
  return schedule.ValueAt(start, generation) / start;
}

bool Moments::IsFinite() const { return AreFinite(first) && AreFinite(second); }

void Moments::Save(ByteWriter& out) const {
  out.AddFloats(first);
  out.AddFloats(second);
  out.Add(first_power);
  out.Add(second_power);
}

void Moments::Restore(ByteReader& in) {
  std::vector<float> stored_first = in.ReadFloats();
  std::vector<float> stored_second = in.ReadFloats();
  if (stored_first.size() != first.size() || stored_second.size() != second.size()) {
    throw Error(fmt::format(
        "stored optimiser is for {} parameters ({} with second moments), this network has {} ({}): "
        "resume with the configuration of the run's beginning",
        stored_first.size(), stored_second.size(), first.size(), second.size()));
  }
  first = std::move(stored_first);
  second = std::move(stored_second);
  first_power = in.ReadDouble();
  second_power = in.ReadDouble();
}

}  // namespace dne
