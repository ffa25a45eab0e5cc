// SPDX-License-Identifier: MIT
// ClipUp (2008.02387, algorithm 1): with g the gradient,
//   m = momentum m + learning_rate g / |g|, shortened to max_speed where it is longer, step = m
// A gradient of length 0 adds nothing. With a learning_rate_schedule all steps become shorter, the
// longest as well.
#pragma once

#include "dne/algorithms/optimizer_kind.h"
#include "dne/algorithms/schedule.h"

namespace dne {

struct ClipUpOptions {
  double learning_rate = 0.01;
  double momentum = 0.9;
  Schedule learning_rate_schedule;
  double max_speed = 0.02;

  void Visit(Fields& fields);
  bool operator==(const ClipUpOptions&) const = default;
};

extern const OptimizerKind kClipUp;

}  // namespace dne
