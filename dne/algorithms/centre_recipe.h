// SPDX-License-Identifier: MIT
// What an update needs to be done again, besides the centre and what its update remembers: a
// hundredth of the centre's bytes and less, since the members' noise follows from their numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dne {

struct CentreRecipe {
  std::vector<double> scores;     // of the members, as Update::Move was given them
  std::vector<float> normaliser;  // of the centre afterwards (PolicyLayout)

  std::vector<uint8_t> Encode() const;
  // Throws Error where the bytes are damaged.
  static CentreRecipe Decode(std::span<const uint8_t> bytes);
};

}  // namespace dne
