// SPDX-License-Identifier: MIT
// The centres of search distributions that a rank has. Their numbers do not travel where they can
// be made again: the newest of each member of the meta-population is moved on by what its own
// members scored, as rank 0 moves it.
#pragma once

#include <map>
#include <vector>

#include "dne/plan/centre.h"
#include "dne/plan/plan.h"

namespace dne {

class CentreLibrary {
 public:
  // `source` makes centres; it may be null where plans have none, and must outlive the library.
  explicit CentreLibrary(const CentreSource* source) : source_(source) {}

  void Add(WholeCentre whole);
  // Makes the next centre where the one before is here; blocks as long as learning it takes.
  void Move(const CentreMove& move);

  // Gives the plan's centres their numbers. Returns those that are not here. Forgets all that the
  // plan does not mention, but for the newest of each member.
  std::vector<Birth> Supply(Plan& plan);

 private:
  const CentreSource* source_;
  std::map<Birth, WholeCentre> centres_;
};

}  // namespace dne
