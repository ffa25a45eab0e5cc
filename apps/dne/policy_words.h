// SPDX-License-Identifier: MIT
// The words of all commands that look at one policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/dne/command.h"
#include "dne/policy/policy.h"

namespace dne::app {

struct PolicyWords {
  std::string where;
  std::string config;
  std::optional<uint32_t> generation;
  std::string individual;
  bool allow_command = false;

  PolicySource Source() const;  // throws Error
};
void AddPolicyWords(CLI::App& command, PolicyWords& words);

// The policy's name and what it plays, two lines.
std::string PolicyTitle(const Policy& policy);

}  // namespace dne::app
