// SPDX-License-Identifier: MIT
// Centres of search distributions as a run keeps them: few whole, and how the others came from
// those. What lies in the bytes is the algorithm's affair (Algorithm::Rebuild).
#pragma once

#include <cstdint>
#include <vector>

#include "dne/genome/genome.h"

namespace dne {

struct WholeCentre {
  Centre centre;
  std::vector<uint8_t> update;  // what its update remembers, to move on from it
};

// One update of a centre.
struct CentreMove {
  Birth centre;                 // as it is afterwards
  Birth from;                   // as it was before
  std::vector<uint8_t> recipe;  // empty: not known
};

// What a centre is rebuilt from.
struct CentreHistory {
  WholeCentre whole;
  std::vector<CentreMove> moves;  // each from the centre that the one before made
};

}  // namespace dne
