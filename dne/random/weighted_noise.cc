// SPDX-License-Identifier: MIT
#include "dne/random/weighted_noise.h"

#include <algorithm>
#include <array>

#include "dne/base/error.h"
#include "dne/random/normal.h"
#include "dne/random/normal_kernels.h"
#include "dne/random/signs.h"
#include "dne/random/signs_kernels.h"

namespace dne {
namespace {

// Floats that stay in the first-level cache while all terms pass over them; whole groups of the
// vector kernels: of 48 and 96 normal numbers, of 1,536 and 3,072 signs.
constexpr size_t kNormalBlock = 48 * 96;
constexpr size_t kSignBlock = 2 * 3072;

// add(term, number of the block's first parameter, block) for each block and each term.
template <size_t kBlock, class Add>
void EachTermOfBlocks(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                      const Add& add) {
  for (size_t start = 0; start < out.size(); start += kBlock) {
    const std::span block = out.subspan(start, std::min(kBlock, out.size() - start));
    for (const NoiseTerm& term : terms) {
      if (term.weight != 0) add(term, first + start, block);
    }
  }
}

}  // namespace

void AddWeightedNoise(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                      Isa isa) {
  DNE_CHECK(first % 4 == 0 && first / 4 <= UINT32_MAX);
  EachTermOfBlocks<kNormalBlock>(terms, first, out,
                                 [&](const NoiseTerm& term, size_t at, std::span<float> block) {
                                   normal::Run({.id = term.id,
                                                .first_block = static_cast<uint32_t>(at / 4),
                                                .sigma = term.weight,
                                                .base = block.data(),
                                                .out = block.data(),
                                                .size = block.size()},
                                               isa);
                                 });
}

void AddWeightedSquares(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                        Isa isa) {
  std::array<float, kNormalBlock> numbers;
  EachTermOfBlocks<kNormalBlock>(
      terms, first, out, [&](const NoiseTerm& term, size_t at, std::span<float> block) {
        FillNormal(term.id, at, std::span(numbers).first(block.size()), isa);
        for (size_t j = 0; j < block.size(); ++j) {
          block[j] += term.weight * (numbers[j] * numbers[j] - 1);
        }
      });
}

void AddWeightedSigns(std::span<const NoiseTerm> terms, size_t first, std::span<float> out,
                      Isa isa) {
  DNE_CHECK(first % kSignsOfBlock == 0 && first / kSignsOfBlock <= UINT32_MAX);
  EachTermOfBlocks<kSignBlock>(
      terms, first, out, [&](const NoiseTerm& term, size_t at, std::span<float> block) {
        signs::Run({.id = term.id,
                    .first_block = static_cast<uint32_t>(at / kSignsOfBlock),
                    .sigma = term.weight,
                    .base = block.data(),
                    .out = block.data(),
                    .size = block.size()},
                   isa);
      });
}

}  // namespace dne
