// SPDX-License-Identifier: MIT
#pragma once

#include "dne/experiment/setup.h"

namespace dne::app {

// What the store of a run that begins now says of it.
RunInfo InfoOf(const ExperimentConfig& config, const Setup& setup);

}  // namespace dne::app
