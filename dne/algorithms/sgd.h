// SPDX-License-Identifier: MIT
// SGD with momentum, as in the GPU version of 1703.03864: with g the gradient, element by element
//   m = momentum m + g, step = learning_rate m
#pragma once

#include "dne/algorithms/optimizer_kind.h"
#include "dne/algorithms/schedule.h"

namespace dne {

struct SgdOptions {
  double learning_rate = 0.01;
  double momentum = 0.9;
  Schedule learning_rate_schedule;

  void Visit(Fields& fields);
  bool operator==(const SgdOptions&) const = default;
};

extern const OptimizerKind kSgd;

}  // namespace dne
