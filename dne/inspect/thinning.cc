// SPDX-License-Identifier: MIT
#include "dne/inspect/thinning.h"

namespace dne {
namespace {

// Below, generations are left whole and their trials thinned: to leave one out saves reading it.
constexpr uint64_t kManyGenerations = 128;

uint64_t Left(uint64_t count, uint32_t stride) { return (count + stride - 1) / stride; }

}  // namespace

Thinning Widened(Thinning thinning, uint64_t generations, uint64_t trials_each, uint64_t most) {
  for (;;) {
    const uint64_t generations_left = Left(generations, thinning.generations);
    const uint64_t trials_left = Left(trials_each, thinning.trials);
    if (generations_left * trials_left <= most) return thinning;
    const bool leaves_out_generations = trials_left == 1 || generations_left > kManyGenerations;
    (leaves_out_generations ? thinning.generations : thinning.trials) *= 2;
  }
}

}  // namespace dne
