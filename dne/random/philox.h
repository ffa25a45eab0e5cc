// SPDX-License-Identifier: MIT
// Philox4x32-10 (Salmon et al., SC 2011, table 2): the constants, shared by the plain and the
// vector code, and the plain rounds.
#pragma once

#include <cstdint>

#include "dne/base/anywhere.h"

namespace dne::philox {

inline constexpr int kRounds = 10;
inline constexpr uint32_t kMultiplier0 = 0xD2511F53;
inline constexpr uint32_t kMultiplier1 = 0xCD9E8D57;
// Added to the key words before each round but the first: golden ratio and sqrt(3) - 1.
inline constexpr uint32_t kKeyStep0 = 0x9E3779B9;
inline constexpr uint32_t kKeyStep1 = 0xBB67AE85;

struct Words {
  uint32_t w[4];
};

// What becomes of a counter.
DNE_ANYWHERE Words Encrypt(uint64_t seed, Words c) {
  auto key0 = static_cast<uint32_t>(seed);
  auto key1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t product0 = uint64_t{kMultiplier0} * c.w[0];
    const uint64_t product1 = uint64_t{kMultiplier1} * c.w[2];
    c = {{static_cast<uint32_t>(product1 >> 32) ^ c.w[1] ^ key0, static_cast<uint32_t>(product1),
          static_cast<uint32_t>(product0 >> 32) ^ c.w[3] ^ key1, static_cast<uint32_t>(product0)}};
    key0 += kKeyStep0;
    key1 += kKeyStep1;
  }
  return c;
}

}  // namespace dne::philox
