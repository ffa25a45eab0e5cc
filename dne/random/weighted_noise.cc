// SPDX-License-Identifier: MIT
#include "dne/random/weighted_noise.h"

#include <algorithm>
#include <array>

#include "dne/base/error.h"
#include "dne/random/normal.h"
#include "dne/random/normal_kernels.h"

namespace dne {
namespace {

// Floats that stay in the first-level cache while all terms pass over them; whole groups of the
// vector kernels (48 and 96 numbers).
constexpr size_t kBlock = 48 * 96;

}  // namespace

void AddWeightedNoise(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                      Isa isa) {
  DNE_CHECK(first % 4 == 0 && first / 4 <= UINT32_MAX);
  for (size_t start = 0; start < out.size(); start += kBlock) {
    const std::span block = out.subspan(start, std::min(kBlock, out.size() - start));
    for (const NoiseTerm& term : terms) {
      if (term.weight == 0) continue;
      normal::Run({.id = term.id,
                   .first_block = static_cast<uint32_t>((first + start) / 4),
                   .sigma = term.weight,
                   .base = block.data(),
                   .out = block.data(),
                   .size = block.size()},
                  isa);
    }
  }
}

void AddWeightedSquares(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                        Isa isa) {
  std::array<float, kBlock> numbers;
  for (size_t start = 0; start < out.size(); start += kBlock) {
    const std::span block = out.subspan(start, std::min(kBlock, out.size() - start));
    for (const NoiseTerm& term : terms) {
      if (term.weight == 0) continue;
      FillNormal(term.id, first + start, std::span(numbers).first(block.size()), isa);
      for (size_t j = 0; j < block.size(); ++j) {
        block[j] += term.weight * (numbers[j] * numbers[j] - 1);
      }
    }
  }
}

}  // namespace dne
