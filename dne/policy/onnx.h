// SPDX-License-Identifier: MIT
// A policy for whoever runs ONNX (docs/formats-policy.md): its network, and what it does to
// observations before.
//   inputs   observation: [batch, size], or an image [batch, height, width, channels] of bytes
//            state_0, state_1, ...: [batch, units], zeros when an episode begins; of a recurrent
//            layer its output, of an LSTM behind it its memory
//   outputs  outputs: [batch, num_outputs]
//            next_state_0, ...: what the next step is given
#pragma once

#include <string>

#include "dne/genome/policy_layout.h"
#include "dne/nn/network.h"
#include "dne/policy/tensor_file.h"

namespace dne {

// The file. Of a network with virtual batch normalisation the parameters are those that it comes
// to (FoldReferenceBatch). `clip`: as NormaliseObservation takes it.
std::string EncodeOnnx(const Network& network, const PolicyParts<const float>& policy, float clip,
                       const TensorMetadata& metadata);

}  // namespace dne
