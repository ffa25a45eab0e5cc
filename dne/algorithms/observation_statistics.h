// SPDX-License-Identifier: MIT
// Running statistics of observations, for their normalisation (1703.03864, released code: papers'
// "RunningStat"): gathered from episodes, merged in the order they are added in.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dne/base/bytes.h"

namespace dne {

class ObservationStatistics {
 public:
  // Of observations of `size` numbers. Before anything is added: means 0, deviations 1.
  explicit ObservationStatistics(size_t size = 0);

  // As in EpisodeNotes::observation_sums: number, sums, sums of squares. Nothing where it is empty.
  void Add(std::span<const double> observation_sums);

  // As a policy holds them: the means, then 1 / max(deviation, min_std).
  void Write(double min_std, std::span<float> out) const;

  double count() const { return count_; }

  void Save(ByteWriter& out) const;
  // Throws Error where they are of observations of another size.
  void Restore(ByteReader& in);
  bool operator==(const ObservationStatistics&) const = default;

 private:
  double count_;
  std::vector<double> sums_;
  std::vector<double> squares_;
};

}  // namespace dne
