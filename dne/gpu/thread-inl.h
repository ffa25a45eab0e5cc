// SPDX-License-Identifier: MIT
// What the texts of jobs share: threads' numbers, and vectors as they lie in memory.
#pragma once

#include <cstdint>

#include "dne/base/anywhere.h"

// For cards only: on a processor, which runs these for tests, it would take minutes to compile.
#ifdef __CUDACC__
#define DNE_UNROLL _Pragma("unroll")
#define DNE_KEEP_LOOP _Pragma("unroll 1")
#else
#define DNE_UNROLL
#define DNE_KEEP_LOOP
#endif

namespace dne::gpu {

// Takes a thread's number apart, the fastest index first.
struct Place {
  uint32_t i;

  DNE_ANYWHERE uint32_t Take(uint32_t count) {
    const uint32_t index = i % count;
    i /= count;
    return index;
  }
};

// Whether a job's thread works on so many numbers that a card should run fewer threads at a time.
template <class Body>
constexpr bool TakesManyRegisters = requires {
  Body::kTakesManyRegisters;
};

struct alignas(16) Four {
  float v[4];
};
struct alignas(8) Two {
  float v[2];
};

}  // namespace dne::gpu
