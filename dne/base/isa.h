// SPDX-License-Identifier: MIT
// The code paths of the hot kernels. All of them give the same bits; `scalar` is the plain
// reference that the others are held to.
#pragma once

#include <string_view>
#include <vector>

namespace dne {

enum class Isa { kScalar, kAvx2, kAvx512, kNeon };

// "scalar", "avx2", "avx512", "neon".
std::string_view IsaName(Isa isa);

// Throws Error for an unknown name, or a path that this processor cannot run.
Isa ParseIsa(std::string_view name);

bool IsaSupported(Isa isa);

// Slowest first; kScalar is always there.
std::vector<Isa> SupportedIsas();

// The fastest path this processor runs.
Isa BestIsa();

}  // namespace dne
