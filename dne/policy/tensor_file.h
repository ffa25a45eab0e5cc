// SPDX-License-Identifier: MIT
// What the files of a policy's tensors have in common. Inside the policy module only, but for the
// tests.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "dne/nn/network.h"

namespace dne {

using TensorMetadata = std::map<std::string, std::string>;

// By type and place: "conv2d_0".
inline std::string LayerName(const Layer& layer, size_t number) {
  constexpr const char* kTypes[] = {"conv2d", "dense", "average_pool", "max_pool",
                                    "rnn",    "gru",   "lstm"};
  std::string name = kTypes[static_cast<size_t>(layer.spec.type)];
  return name.append("_").append(std::to_string(number));
}

}  // namespace dne
