// SPDX-License-Identifier: MIT
// Experiment files as texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dne/base/error.h"
#include "dne/experiment/config.h"

namespace dne {

inline constexpr std::string_view kBudget = "\n[budget]\ngenerations = 1\n";

inline ExperimentConfig Parse(const std::string& toml,
                              const std::vector<std::string>& overrides = {}) {
  return ParseConfig(toml, "x.toml", overrides);
}

// "none" where there are none.
inline std::string MistakesOf(const std::string& toml,
                              const std::vector<std::string>& overrides = {}) {
  try {
    Parse(toml, overrides);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace dne
