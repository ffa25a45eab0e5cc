// SPDX-License-Identifier: MIT
// Environments that are programs of their own, in any language: docs/environment-protocol.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dne/envs/environment.h"

namespace dne {

struct ProcessOptions {
  std::vector<std::string> command;  // the program and its arguments; not empty
  ObservationType observation = ObservationType::kFloats;  // what it must say of itself
  double start_seconds = 0;                                // that it may take until it has said it
  double step_seconds = 0;                                 // that a reset or a step may take
};

// Starts the program, to ask what it is; each environment of the world is a process of its own,
// which begins with its first Reset. Throws Error where it cannot be started, says something else
// than it must, is of another version of the protocol, takes too long, or ends.
// Reset and Step throw Error, naming the episode's seed, where it ends, takes too long or gives a
// number that is not finite; the next Reset starts it anew.
std::shared_ptr<const World> StartProcessWorld(const ProcessOptions& options);

}  // namespace dne
