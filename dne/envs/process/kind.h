// SPDX-License-Identifier: MIT
// Programs and environments of Gymnasium as configurations choose them.
#pragma once

#include <memory>
#include <string>

#include "dne/envs/world_kind.h"

namespace dne {

extern const WorldKind kProcessKind;
extern const WorldKind kGymnasiumKind;

// Starts an environment of Gymnasium by its id, with the interpreter that has gymnasium. Throws
// Error where it cannot be started.
std::shared_ptr<const World> StartGymnasium(const std::string& environment,
                                            const std::string& python);

}  // namespace dne
