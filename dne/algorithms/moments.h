// SPDX-License-Identifier: MIT
// What optimisers with momentum share: their options, and what they remember between steps.
#pragma once

#include <cstddef>
#include <vector>

#include "dne/algorithms/schedule.h"
#include "dne/base/bytes.h"
#include "dne/config/field.h"

namespace dne {

void VisitMomentum(Fields& fields, double& learning_rate, Schedule& schedule, double& momentum);

// How long a generation's step is, as a share of one by `learning_rate`: 1 where it is constant.
float StepLength(double learning_rate, const Schedule& schedule, uint64_t generation);

// Running means of the gradient and of its square.
struct Moments {
  explicit Moments(size_t num_parameters) : first(num_parameters, 0.0f) {}

  std::vector<float> first;
  std::vector<float> second;  // empty: not kept
  // The rates of both means to the power of the steps taken; 1 where nothing corrects by them.
  double first_power = 1;
  double second_power = 1;

  bool IsFinite() const;
  void Save(ByteWriter& out) const;
  // Throws Error where what was saved is damaged or of another size.
  void Restore(ByteReader& in);
};

}  // namespace dne
