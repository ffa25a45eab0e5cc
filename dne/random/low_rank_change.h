// SPDX-License-Identifier: MIT
// How a member of low rank differs from its parent: factors in place of weights, as genomes draw
// them (dne/genome/low_rank.h) and networks are multiplied by them (dne/nn/forward.h).
#pragma once

#include <cstddef>
#include <vector>

namespace dne {

struct LowRankChange {
  // Numbers behind the last one, which mean nothing and which vector kernels may read.
  static constexpr size_t kSlack = 16;

  size_t rank = 0;
  float scale = 0;  // of every product: a matrix is its parent's + scale * A B^T
  // For each matrix [inputs][outputs] in order: the columns of A, [rank][inputs], those of B,
  // [rank][outputs], then the biases behind the matrix, [outputs], as the member has them.
  std::vector<float> numbers;
};

// How many numbers a matrix takes there.
inline size_t NumbersOfMatrix(size_t rank, size_t inputs, size_t outputs) {
  return rank * (inputs + outputs) + outputs;
}

}  // namespace dne
