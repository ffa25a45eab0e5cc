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

// Who makes centres, seen from where they are needed again: in another process, or later.
class CentreSource {
 public:
  virtual ~CentreSource() = default;

  // What the update of a centre remembers, with which the centre can be kept whole; empty where
  // nothing will move on from it.
  virtual std::vector<uint8_t> UpdateState(Birth centre) const = 0;
  // The centre at the end of the history, the same bits that the run had. Whatever the state.
  // Throws Error where the history is damaged.
  virtual WholeCentre Rebuild(const CentreHistory& history) const = 0;
};

}  // namespace dne
