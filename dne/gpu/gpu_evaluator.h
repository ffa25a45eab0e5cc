// SPDX-License-Identifier: MIT
// Plans of tasks whose episodes are exams (dne/tasks/exams.h) or are played in a world, with the
// networks on a graphics card: the same bits as on threads.
#pragma once

#include <memory>

#include "dne/evaluate/evaluator.h"

namespace dne {

// On `options.device`. `task` and `watch` must outlive it. `options.threads`: of exams those that
// draw images and mark outputs, of which the first few have a queue of the device and a share of
// its memory each; of environments those that step them, with two queues and shares each. Throws
// Error for other tasks, for networks that the device does not run, and where its memory does not
// suffice, saying what would fit.
std::unique_ptr<Evaluator> MakeGpuEvaluator(const Task& task, const EvaluatorOptions& options,
                                            Watch& watch);

}  // namespace dne
