// SPDX-License-Identifier: MIT
// Safe mutations (1712.06563, sections 3 and 4): perturbations that look at how the parent's
// outputs depend on its parameters. docs/safe-mutations.md has the formulas and where they differ
// from the released code.
#pragma once

#include <memory>

#include "dne/genome/perturbation.h"

namespace dne {

// SM-R, for Noise::sigma the divergence to reach: the child is w + a d, d being the noise's
// direction (length 1). `a` begins at 1, is doubled or halved until the divergences of two tries
// lie on both sides of sigma, and then their geometric mean takes the place of one of them: at most
// kMostTries in all, ended by a try within a hundredth of sigma. Outputs that are not numbers are
// too far. Where sigma is never reached, the child is the last try.
inline constexpr int kMostTries = 24;

// SM-G: parameter i becomes w_i + sigma * noise_i / s_i, where s_i is its sensitivity, but at least
// kLeastSensitivity, and 1 where no output depends on it.
inline constexpr float kLeastSensitivity = 0.01f;

// `spec.kind`: a safe one.
std::unique_ptr<const Perturbation> MakeSafeMutation(const PerturbationSpec& spec);

}  // namespace dne
