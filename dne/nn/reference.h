// SPDX-License-Identifier: MIT
// The obvious forward pass: the definition in dne/nn/forward.h as plain loops, everything
// evaluated each time. The fast paths are held against it bit for bit.
#pragma once

#include <memory>

#include "dne/nn/forward.h"

namespace dne {

std::unique_ptr<Forward> MakeReferenceForward(const Network& network, int num_lanes);

}  // namespace dne
