// SPDX-License-Identifier: MIT
// A fingerprint of behaviour: what a fixed small set of experiments computes, as one number.
#pragma once

#include <cstdint>

#include "dne/evaluate/evaluator.h"

namespace dne {

// The same for every code path, thread count and machine; a change of any result changes it.
// Takes seconds. Throws Error where the Atari games are not built in.
uint64_t Signature(const EvaluatorOptions& options);

}  // namespace dne
