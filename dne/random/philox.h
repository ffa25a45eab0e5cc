// SPDX-License-Identifier: MIT
// The constants of Philox4x32-10 (Salmon et al., SC 2011, table 2), shared by the plain and the
// vector code.
#pragma once

#include <cstdint>

namespace dne::philox {

inline constexpr int kRounds = 10;
inline constexpr uint32_t kMultiplier0 = 0xD2511F53;
inline constexpr uint32_t kMultiplier1 = 0xCD9E8D57;
// Added to the key words before each round but the first: golden ratio and sqrt(3) - 1.
inline constexpr uint32_t kKeyStep0 = 0x9E3779B9;
inline constexpr uint32_t kKeyStep1 = 0xBB67AE85;

}  // namespace dne::philox
