// SPDX-License-Identifier: MIT
// Loops over all parameters, block by block on many threads, for optimisers: float arithmetic in a
// fixed order, norms in double.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "dne/algorithms/optimizer.h"
#include "dne/base/parallel.h"

namespace dne {

// What one thread takes at a time. Sums over parameters are sums over these blocks, so it is part
// of the result's bits.
constexpr size_t kStepBlock = 16 * 1024;

// Sums of squares of one block.
struct Squares {
  double step = 0;
  double parameters = 0;
};

inline double Square(float value) { return double{value} * double{value}; }

constexpr size_t NumBlocks(size_t size) { return (size + kStepBlock - 1) / kStepBlock; }

// block(number, first, end) for each block.
template <class Block>
void ForEachBlock(size_t size, const ParallelFor& parallel, const Block& block) {
  parallel(NumBlocks(size),
           [&](size_t i) { block(i, i * kStepBlock, std::min(size, (i + 1) * kStepBlock)); });
}

// block(first, end) for each block, which returns its Squares; their sums, in index order.
template <class Block>
Squares SumOverBlocks(size_t size, const ParallelFor& parallel, const Block& block) {
  std::vector<Squares> blocks(NumBlocks(size));
  ForEachBlock(size, parallel,
               [&](size_t i, size_t first, size_t end) { blocks[i] = block(first, end); });
  Squares sum;
  for (const Squares& each : blocks) {
    sum.step += each.step;
    sum.parameters += each.parameters;
  }
  return sum;
}

// parameters += length * steps, which fill(first, steps) writes for one block.
template <class Fill>
StepNorms MoveParameters(std::span<float> parameters, float length, const ParallelFor& parallel,
                         const Fill& fill) {
  const Squares sums = SumOverBlocks(parameters.size(), parallel, [&](size_t first, size_t end) {
    std::array<float, kStepBlock> steps;
    fill(first, std::span(steps).first(end - first));
    Squares squares;
    for (size_t i = first; i < end; ++i) {
      const float step = length * steps[i - first];
      squares.step += Square(step);
      squares.parameters += Square(parameters[i]);
      parameters[i] += step;
    }
    return squares;
  });
  return {.step = std::sqrt(sums.step), .parameters = std::sqrt(sums.parameters)};
}

}  // namespace dne
