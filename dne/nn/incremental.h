// SPDX-License-Identifier: MIT
// The fast forward pass. Between a lane's observations most inputs stand still, so each layer
// works on what changed only, which gives the bits of a full evaluation:
//   - a convolution position is computed if an input in its patch changed its bits;
//   - a dense layer keeps the partial sum of every input position whose inputs did not change;
//   - inputs that are exactly zero cost nothing, and their rows of weights are not read.
#pragma once

#include <memory>

#include "dne/nn/forward.h"

namespace dne {

// `isa`: one of the vector paths.
std::unique_ptr<Forward> MakeIncrementalForward(const Network& network, Isa isa, int num_lanes);

}  // namespace dne
