// SPDX-License-Identifier: MIT
// The archive of a run of MAP-Elites, derived from the run's trials alone (docs/formats-store.md):
// the same one as the algorithm's, whose genomes follow from the individuals' addresses.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dne/algorithms/behaviour_grid.h"
#include "dne/algorithms/elite_archive.h"
#include "dne/experiment/config.h"
#include "dne/store/store.h"

namespace dne {

struct ArchivedElite {
  uint32_t cell = 0;
  double fitness = 0;
  Birth individual;
  std::vector<double> on_axes;  // what it did: one number an axis
};

class ArchiveView {
 public:
  // Of an experiment with an archive (ExperimentConfig::archive), which is empty at first.
  explicit ArchiveView(const ExperimentConfig& config);

  // The trials of the next generation's round "train", in their order. Throws Error for trials that
  // are not of this experiment.
  void Add(std::span<const TrialRecord> trials);

  const ArchiveOptions& options() const { return options_; }
  const BehaviourGrid& grid() const { return grid_; }
  const EliteArchive<ArchivedElite>& archive() const { return archive_; }

 private:
  ArchiveOptions options_;
  bool has_byte_behaviours_;
  BehaviourGrid grid_;
  EliteArchive<ArchivedElite> archive_;
};

// As the last finished generation left it; reads that of a million trials in seconds.
ArchiveView ArchiveOfRun(const RunStore& run, const ExperimentConfig& config);

// A line an elite, in the order of cells: its place on each axis, its fitness, what it did on each
// axis, its address as the options of dne replay take it.
std::string ArchiveCsv(const ArchiveView& view);

}  // namespace dne
