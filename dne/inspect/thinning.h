// SPDX-License-Identifier: MIT
// How much of a run is read to be drawn: a run of a million trials has more than a screen shows.
#pragma once

#include <cstdint>

namespace dne {

// Strides, powers of two: of generations and, within each, of trials. A wider thinning leaves out
// all that a narrower one does, so points that are drawn stay or go, and none comes late.
struct Thinning {
  uint32_t generations = 1;
  uint32_t trials = 1;

  bool operator==(const Thinning&) const = default;
};

// As much wider as leaves at most `most` trials of so many generations of so many each.
Thinning Widened(Thinning thinning, uint64_t generations, uint64_t trials_each, uint64_t most);

}  // namespace dne
