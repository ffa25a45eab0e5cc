// SPDX-License-Identifier: MIT
// The obvious forward pass: the definition in dne/nn/forward.h as plain loops, everything
// evaluated each time. The fast paths are held against it bit for bit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dne/nn/forward.h"

namespace dne {

std::unique_ptr<Forward> MakeReferenceForward(const Network& network, int num_lanes);

// What the parameters of a network with virtual batch normalisation come to on a reference batch
// (Forward::SetReferenceBatch): those of the plain network that it is evaluated as.
std::vector<float> FoldReferenceBatch(const Network& network, std::span<const float> parameters,
                                      std::span<const uint8_t> observations);

}  // namespace dne
