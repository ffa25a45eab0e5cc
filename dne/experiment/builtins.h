// SPDX-License-Identifier: MIT
// Everything that configurations can choose by name, in lists. The first of each is the default.
#pragma once

#include <span>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/tasks/task_kind.h"

namespace dne {

std::span<const AlgorithmKind* const> AlgorithmKinds();
std::span<const TaskKind* const> TaskKinds();

}  // namespace dne
