// SPDX-License-Identifier: MIT
#include "dne/random/stream.h"

#include "dne/base/error.h"
#include "dne/random/philox.h"

namespace dne {

std::array<uint32_t, 4> PhiloxBlock(const StreamId& id, uint32_t block) {
  const philox::Words words = philox::Encrypt(
      id.seed, {{block, id.item, id.generation, static_cast<uint32_t>(id.purpose)}});
  return {words.w[0], words.w[1], words.w[2], words.w[3]};
}

uint32_t Stream::Next32() {
  if (used_ == words_.size()) {
    words_ = PhiloxBlock(id_, block_++);
    used_ = 0;
  }
  return words_[used_++];
}

uint64_t Stream::Next64() {
  const uint64_t low = Next32();
  return low | uint64_t{Next32()} << 32;
}

// Lemire, "Fast random integer generation in an interval", 2019: the high half of word * bound;
// the first 2^32 mod bound low halves are one too many for some values and are drawn again.
uint32_t Stream::Below(uint32_t bound) {
  DNE_CHECK(bound >= 1);
  const uint32_t surplus = (0 - bound) % bound;
  uint64_t product = uint64_t{Next32()} * bound;
  while (static_cast<uint32_t>(product) < surplus) {
    product = uint64_t{Next32()} * bound;
  }
  return static_cast<uint32_t>(product >> 32);
}

float Stream::NextFloat() { return static_cast<float>(Next32() >> 8) * 0x1p-24f; }

}  // namespace dne
