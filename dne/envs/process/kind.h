// SPDX-License-Identifier: MIT
// Programs and environments of Gymnasium as configurations choose them.
#pragma once

#include "dne/envs/world_kind.h"

namespace dne {

extern const WorldKind kProcessKind;
extern const WorldKind kGymnasiumKind;

}  // namespace dne
