// SPDX-License-Identifier: MIT
// Programs as configurations choose them.
#pragma once

#include "dne/envs/world_kind.h"

namespace dne {

extern const WorldKind kProcessKind;

}  // namespace dne
