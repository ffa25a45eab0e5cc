// SPDX-License-Identifier: MIT
// Behaviours of many numbers as places on a plane: principal components.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace dne {

// Fitted once, to behaviours that a run's later ones do not change, so that the picture stays put
// while the run grows. The same behaviours give the same plane.
class Projection {
 public:
  // To behaviours of equally many numbers each. Along an axis on which all of them agree it looks
  // from a fixed direction.
  static Projection Fit(std::span<const std::vector<double>> behaviours);

  // Of a behaviour of as many numbers.
  std::array<double, 2> Of(std::span<const double> behaviour) const;
  size_t size() const { return mean_.size(); }

 private:
  std::vector<double> mean_;
  std::array<std::vector<double>, 2> axes_;  // of length 1, at right angles
};

}  // namespace dne
