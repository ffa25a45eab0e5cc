// SPDX-License-Identifier: MIT
// Where the numbers of members of low rank lie (dne/genome/low_rank.h).
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "dne/genome/policy_layout.h"

namespace dne::gpu {

inline size_t RoundUp4(size_t count) { return (count + 3) / 4 * 4; }

inline float RootOf(size_t rank) {
  return static_cast<float>(1 / std::sqrt(static_cast<double>(rank)));
}

// Of one layer.
struct Factors {
  size_t first_left = 0;  // A's first number in every stream
  size_t first_right = 0;
  size_t left = 0;  // A's place in a LowRankChange
  size_t right = 0;
  size_t biases = 0;

  size_t end(const LayerShape& shape) const { return biases + shape.outputs; }
};

inline std::vector<Factors> FactorsOf(const PolicyLayout& layout, size_t rank) {
  std::vector<Factors> all;
  size_t number = RoundUp4(layout.num_parameters);
  size_t at = 0;
  for (const LayerShape& shape : layout.layers) {
    const size_t first_right = number + rank * RoundUp4(shape.inputs);
    const size_t right = at + rank * shape.inputs;
    all.push_back({.first_left = number,
                   .first_right = first_right,
                   .left = at,
                   .right = right,
                   .biases = right + rank * shape.outputs});
    number = first_right + rank * RoundUp4(shape.outputs);
    at = all.back().end(shape);
  }
  return all;
}

}  // namespace dne::gpu
