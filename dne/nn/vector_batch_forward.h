// SPDX-License-Identifier: MIT
// Inside of the batched forward pass: the one whose vectors hold an observation a lane.
#pragma once

#include <memory>

#include "dne/nn/batch_forward.h"

namespace dne {

// As MakeBatchForward, of a network that it takes and a vector path.
std::unique_ptr<BatchForward> MakeVectorBatchForward(const Network& network, Isa isa);

}  // namespace dne
