// SPDX-License-Identifier: MIT
// The grid of an archive over behaviours (Mouret and Clune 2015, 1504.04909): some coordinates of
// what policies did, each cut into equal cells. What it says of an individual follows from its
// episodes alone, so whoever reads a run derives the same archive as the algorithm
// (docs/formats-store.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dne/config/field.h"
#include "dne/config/mistakes.h"

namespace dne {

struct GridAxis {
  std::string name;    // "x": letters, digits and '_'
  int coordinate = 0;  // of the behaviour (Task::Point); on Atari the address of a byte of RAM
  double lower = 0;
  double upper = 1;
  int cells = 1;

  void Visit(Fields& fields);
  bool operator==(const GridAxis&) const = default;
};

// The section [archive] of algorithms that have one.
struct ArchiveOptions {
  std::vector<GridAxis> axes;
  double qd_offset = 0;  // an elite adds its fitness less this to the QD score

  void Visit(Fields& fields);
  void Check(Mistakes& mistakes) const;
  bool operator==(const ArchiveOptions&) const = default;
};

// Throws Error where behaviours of so many coordinates lack one that an axis names.
void ExpectCoordinates(std::span<const GridAxis> axes, size_t behaviour_size);

class BehaviourGrid {
 public:
  // Throws Error where there are no axes, or more cells than ArchiveOptions::Check allows.
  explicit BehaviourGrid(std::vector<GridAxis> axes);

  // The mean of what an individual did in its episodes, one behaviour each, in any order: one
  // number an axis. The sum goes from the smallest number on, so that the order shows in no bit.
  // Throws Error as ExpectCoordinates.
  std::vector<double> MeanOnAxes(std::span<const std::vector<double>> behaviours) const;

  // Cells are numbered along the last axis first. What lies beyond an axis's ends belongs to its
  // first or last cell; what is not a number belongs to none.
  std::optional<uint32_t> CellOf(std::span<const double> on_axes) const;
  // The cell's place on each axis, from 0.
  std::vector<uint32_t> IndicesOf(uint32_t cell) const;

  uint32_t num_cells() const { return num_cells_; }
  const std::vector<GridAxis>& axes() const { return axes_; }

 private:
  std::vector<GridAxis> axes_;
  uint32_t num_cells_ = 1;
};

}  // namespace dne
