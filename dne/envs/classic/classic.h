// SPDX-License-Identifier: MIT
// Gymnasium's classic control: small systems with a few numbers of state, for first steps and quick
// tests. docs/classic-control.md states what each shows, takes and pays.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dne/envs/environment.h"

namespace dne {

// "Acrobot-v1", ...: sorted, as Gymnasium names them.
std::vector<std::string> ClassicControlNames();

// Throws Error for an unknown name (with the nearest known one).
std::shared_ptr<const World> LoadClassicControl(std::string_view name);

}  // namespace dne
