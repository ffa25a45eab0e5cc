// SPDX-License-Identifier: MIT
// The most that one core's multiply-adds in single precision can do: what network kernels are held
// to.
#pragma once

#include <cstdint>

#include "dne/base/isa.h"

namespace dne {

// Multiply-adds on vectors of the path alone, independent of each other, for a millisecond or so.
// Returns how many floating-point operations that were.
template <Isa>
uint64_t MultiplyAdds();

// `isa`: a vector path.
uint64_t MultiplyAddOnly(Isa isa);

}  // namespace dne
