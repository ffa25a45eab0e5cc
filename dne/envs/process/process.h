// SPDX-License-Identifier: MIT
// Environments that are programs of their own, in any language: docs/environment-protocol.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dne/envs/environment.h"

namespace dne {

inline constexpr int kMostEnvs = 1024;  // in a process

struct ProcessOptions {
  std::vector<std::string> command;  // the program and its arguments; not empty
  ObservationType observation = ObservationType::kFloats;  // what it must say of itself
  double start_seconds = 0;                                // that it may take until it has said it
  double step_seconds = 0;                                 // that a reset or a step may take
  int num_envs = 0;  // that a process holds for a thread; 0: as many as it says that it can
};

// Starts the program, to ask what it is; the environments that are made at a time are one process,
// which begins with their first Reset. Throws Error where it cannot be started, says something else
// than it must, is of another version of the protocol, takes too long, or ends.
// Reset and Step throw Error, naming the episode's seed, where it ends, takes too long or gives a
// number that is not finite; the next Reset starts it anew, with none of its other environments in
// an episode any more.
std::shared_ptr<const World> StartProcessWorld(const ProcessOptions& options);

}  // namespace dne
