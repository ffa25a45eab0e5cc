// SPDX-License-Identifier: MIT
// The words of all commands that look at one policy.
#pragma once

#include <cstdint>
#include <functional>
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

  PolicySource Source() const;  // throws Error
};
void AddPolicyWords(CLI::App& command, PolicyWords& words);

// The policy's name and what it plays, two lines.
std::string PolicyTitle(const Policy& policy);

// "1,234" or "1,234.5".
std::string ScoreText(double score);

// Does the work under an InterruptScope; Ctrl-C ends the command.
void Interruptible(const std::function<void(Watch&)>& work);

}  // namespace dne::app
