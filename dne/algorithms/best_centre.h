// SPDX-License-Identifier: MIT
// The best centre that an evolution strategy validated so far, with its numbers: the search may
// have gone on from there to worse ones.
#pragma once

#include <optional>

#include "dne/algorithms/meta_population.h"
#include "dne/base/bytes.h"
#include "dne/genome/genome.h"

namespace dne {

class BestCentre {
 public:
  // Takes a validated centre where it stands higher than all before. `score`: its mean.
  void Offer(const Centre& centre, double standing, double score);

  bool has_centre() const { return best_.has_value(); }
  // Where there is one: after the first was offered.
  const Centre& centre() const { return best_->centre; }
  double standing() const { return best_->standing; }
  double score() const { return best_->score; }

  // Numbers that an agent holds still are not saved twice; so agents are restored first.
  void Save(const MetaPopulation& agents, ByteWriter& out) const;
  void Restore(const MetaPopulation& agents, ByteReader& in);

 private:
  struct Best {
    Centre centre;
    double standing = 0;
    double score = 0;
  };
  std::optional<Best> best_;
};

}  // namespace dne
