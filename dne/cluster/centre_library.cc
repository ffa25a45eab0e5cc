// SPDX-License-Identifier: MIT
#include "dne/cluster/centre_library.h"

#include <algorithm>
#include <utility>

#include "dne/base/error.h"

namespace dne {

void CentreLibrary::Add(WholeCentre whole) {
  const Birth birth = whole.centre.birth;
  centres_.insert_or_assign(birth, std::move(whole));
}

void CentreLibrary::Move(const CentreMove& move) {
  const auto from = centres_.find(move.from);
  if (from == centres_.end()) return;
  DNE_CHECK(source_ != nullptr);
  Add(source_->Rebuild({.whole = from->second, .moves = {move}}));
}

std::vector<Birth> CentreLibrary::Supply(Plan& plan) {
  std::map<uint32_t, Birth> newest;  // of each member: births come in the order of generations
  for (const auto& [birth, whole] : centres_) newest[birth.item] = birth;
  std::erase_if(centres_, [&](const auto& entry) {
    const Birth birth = entry.first;
    const bool is_mentioned = std::ranges::any_of(
        plan.centres, [&](const Centre& centre) { return centre.birth == birth; });
    return !is_mentioned && newest[birth.item] != birth;
  });
  std::vector<Birth> missing;
  for (Centre& centre : plan.centres) {
    const auto found = centres_.find(centre.birth);
    if (found == centres_.end()) {
      missing.push_back(centre.birth);
    } else {
      centre.parameters = found->second.centre.parameters;
    }
  }
  return missing;
}

}  // namespace dne
