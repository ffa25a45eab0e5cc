// SPDX-License-Identifier: MIT
// Plans of tasks whose episodes are exams (dne/tasks/exams.h), with the networks on a graphics
// card: the same bits as on threads.
#pragma once

#include <memory>

#include "dne/evaluate/evaluator.h"

namespace dne {

// On `options.device`. `task` and `watch` must outlive it. `options.threads`: those that draw
// images and mark outputs; each of the first few has a queue of the device and a share of its
// memory. Throws Error for other tasks, and where the device's memory does not suffice, saying what
// would fit.
std::unique_ptr<Evaluator> MakeGpuEvaluator(const Task& task, const EvaluatorOptions& options,
                                            Watch& watch);

}  // namespace dne
