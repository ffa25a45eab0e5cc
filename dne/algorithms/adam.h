// SPDX-License-Identifier: MIT
// Adam (1412.6980), as the released code of 1703.03864 has it: with g the gradient, element by
// element after t steps,
//   m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
//   step = learning_rate sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + 1e-8)
// where b1 is `momentum` and b2 is 0.999.
#pragma once

#include "dne/algorithms/optimizer_kind.h"
#include "dne/algorithms/schedule.h"

namespace dne {

struct AdamOptions {
  double learning_rate = 0.01;
  double momentum = 0.9;
  Schedule learning_rate_schedule;

  void Visit(Fields& fields);
  bool operator==(const AdamOptions&) const = default;
};

extern const OptimizerKind kAdam;

}  // namespace dne
