// SPDX-License-Identifier: MIT
#include "dne/experiment/centre_keeper.h"

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr uint32_t kMoves = 20;
constexpr double kSeconds = 20;
constexpr size_t kSmaller = 4;  // times

}  // namespace

void CentreKeeper::Keep(const GenerationSummary& summary, const Algorithm& algorithm,
                        double seconds, Commit& commit) {
  DNE_CHECK(summary.moves.size() == summary.centres.size());
  for (size_t i = 0; i < summary.centres.size(); ++i) {
    const Centre& centre = summary.centres[i];
    const uint32_t member = centre.birth.item;
    if (IsKeptWhole(centre, summary.moves[i])) {
      commit.centres.push_back({centre, algorithm.UpdateState(centre.birth)});
      since_whole_[member] = {.bytes = centre.parameters->size() * sizeof(float) +
                                       commit.centres.back().update.size()};
    } else {
      commit.moves.push_back(summary.moves[i]);
      ++since_whole_[member].moves;
      since_whole_[member].seconds += seconds;
    }
  }
}

bool CentreKeeper::IsKeptWhole(const Centre& centre, const CentreMove& move) const {
  const auto since = since_whole_.find(centre.birth.item);
  if (since == since_whole_.end() || move.recipe.empty()) return true;
  if (kSmaller * move.recipe.size() > since->second.bytes) return true;
  return since->second.moves + 1 >= kMoves && since->second.seconds >= kSeconds;
}

}  // namespace dne
