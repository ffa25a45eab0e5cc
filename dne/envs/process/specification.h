// SPDX-License-Identifier: MIT
// What a program says of itself when it starts. Inside this folder.
#pragma once

#include <vector>

#include "dne/envs/process/child.h"
#include "dne/envs/process/process.h"
#include "dne/envs/process/protocol.h"

namespace dne::process {

struct Specification {
  Hello hello;
  std::vector<float> low;  // of continuous actions
  std::vector<float> high;

  bool operator==(const Specification& other) const;
};

// What it does while it is asked.
inline std::string Starting() { return "it started"; }

// Reads it; blocks until the program has said it. Throws Error where it is not what an environment
// says, or not what the options need.
Specification Ask(Child& child, const ProcessOptions& options, Cancel cancel);

EnvironmentSpec SpecOf(const Specification& said, const ProcessOptions& options);

}  // namespace dne::process
