// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "apps/dne/command.h"

namespace dne::app {

void AddBenchCommand(CLI::App&) {}

}  // namespace dne::app
