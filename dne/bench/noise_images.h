// SPDX-License-Identifier: MIT
// Supervised tasks of MNIST's size whose images are noise: what they cost is what counts.
#pragma once

#include <memory>

#include "dne/nn/network.h"
#include "dne/tasks/task.h"

namespace dne {

// 28 x 28 bytes, ten classes: `train` and `test` images of each.
std::unique_ptr<Task> MakeNoiseTask(const NetworkSpec& network, int batch_size, size_t train,
                                    size_t test);

}  // namespace dne
