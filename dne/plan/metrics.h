// SPDX-License-Identifier: MIT
// What a generation is told by, beside its results.
#pragma once

#include <map>
#include <string>

namespace dne {

// Numbers by name; docs/metrics.md has them all.
using Metrics = std::map<std::string, double>;

}  // namespace dne
