// SPDX-License-Identifier: MIT
// The simple model of safe mutations (1712.06563, 5.1): two parameters of very different effect,
// y = (100 w_0 x_0, 0.1 w_1 x_1), to be brought to y = x. What is solved shows which kind of
// mutation sees the difference.
#pragma once

#include <memory>
#include <string_view>

#include "dne/tasks/task_kind.h"

namespace dne {

enum class SimpleModelData {
  kEasy,     // (0, 1): only the second parameter matters
  kMedium,   // (1, 1): both do
  kWashout,  // (1, 1) and (-1, -1): the gradients of the two examples cancel out in their sum
};

// A policy is the two parameters; founders draw them from [-1, 1). An episode is one look at all
// examples; its score is minus the sum of squared errors, and it is solved where that is at least
// -kSimpleModelTolerance. Its behaviour is the point (w_0, w_1). Safe mutations look at the
// examples.
inline constexpr double kSimpleModelTolerance = 1e-3;
std::unique_ptr<Task> MakeSimpleModelTask(SimpleModelData data);

extern const TaskKind kSimpleModelKind;

}  // namespace dne
