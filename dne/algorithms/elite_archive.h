// SPDX-License-Identifier: MIT
// The archive of MAP-Elites: of each cell of a grid the best that was found there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "dne/base/error.h"

namespace dne {

// `T` has the members `uint32_t cell` and `double fitness`, a number. Elites are in the order in
// which their cells were filled, which takes no account of who fills them now.
template <class T>
class EliteArchive {
 public:
  explicit EliteArchive(uint32_t num_cells) : place_of_cell_(num_cells, kEmpty) {}

  // Whether it enters: its cell is empty, or holds one of lower fitness.
  bool Offer(T candidate) {
    DNE_CHECK(candidate.cell < place_of_cell_.size());
    uint32_t& place = place_of_cell_[candidate.cell];
    if (place == kEmpty) {
      place = static_cast<uint32_t>(elites_.size());
      elites_.push_back(std::move(candidate));
      return true;
    }
    if (!(candidate.fitness > elites_[place].fitness)) return false;
    elites_[place] = std::move(candidate);
    return true;
  }

  const std::vector<T>& elites() const { return elites_; }
  // The share of all cells that hold one.
  double coverage() const {
    return static_cast<double>(elites_.size()) / static_cast<double>(place_of_cell_.size());
  }
  // The sum of what elites have above `offset` (Pugh et al. 2015).
  double QdScore(double offset) const {
    double score = 0;
    for (const T& elite : elites_) score += elite.fitness - offset;
    return score;
  }

 private:
  static constexpr uint32_t kEmpty = std::numeric_limits<uint32_t>::max();

  std::vector<uint32_t> place_of_cell_;  // among the elites
  std::vector<T> elites_;
};

}  // namespace dne
