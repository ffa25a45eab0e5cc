// SPDX-License-Identifier: MIT
// Inside of trajectory distances: squared differences of states, in exact integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dne/base/isa.h"

namespace dne::novelty {

// States one after the other, `stride` bytes apart: the state size, or 0 for the same one again.
struct States {
  const uint8_t* data;
  size_t stride;
};

// squares[t] = sum over bytes of (state t of a - state t of b)^2. state_size <= kMaxStateSize.
void StepSquares(const States& a, const States& b, size_t state_size, std::span<uint32_t> squares,
                 Isa isa);

// Its code paths.
void StepSquaresScalar(const States& a, const States& b, size_t state_size,
                       std::span<uint32_t> squares);
void StepSquaresAvx2(const States& a, const States& b, size_t state_size,
                     std::span<uint32_t> squares);

}  // namespace dne::novelty
