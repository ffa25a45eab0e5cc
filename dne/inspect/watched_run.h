// SPDX-License-Identifier: MIT
// One run as the page looks at it: its store, and what of it was read to be drawn.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dne/experiment/archive_view.h"
#include "dne/experiment/config.h"
#include "dne/inspect/point_table.h"
#include "dne/inspect/projection.h"
#include "dne/store/store.h"

namespace dne {

// Not thread-safe. Everything throws Error as RunStore does; what was read before stays.
class WatchedRun {
 public:
  explicit WatchedRun(std::filesystem::path folder);

  const std::filesystem::path& folder() const { return folder_; }
  const RunStore& store() const { return *store_; }
  const ExperimentConfig& config() const { return config_; }

  // Of finished generations, oldest first, at most some 2,000 and the last one.
  struct Curves {
    uint32_t stride = 1;
    std::vector<GenerationRecord> records;
  };
  const Curves& UpdateCurves();
  // Of a round, which needs to have no trials.
  const PointTable& UpdatePoints(const std::string& round);
  uint32_t CountFinished() const;
  // As the first generations left it, archived_generations() of them: all that are finished, or,
  // since no call takes long, those of some 40,000 trials more than after the last call. Null: the
  // algorithm has none.
  const ArchiveView* UpdateArchive();
  uint32_t archived_generations() const { return archived_; }

  // What an episode's end says, as numbers: of byte strings a number a byte.
  std::vector<double> BehaviourOf(const std::vector<uint8_t>& descriptor) const;
  // Fitted to the first generation that tried members or children; null: none has yet, or its
  // behaviours are empty.
  const Projection* FindProjection();

 private:
  std::filesystem::path folder_;
  std::unique_ptr<RunStore> store_;
  ExperimentConfig config_;
  Curves curves_;
  std::map<std::string, PointTable> points_;
  std::optional<ArchiveView> archive_;
  uint32_t archived_ = 0;
  std::optional<Projection> projection_;
  uint32_t not_fitted_to_ = 0;  // generations that had nothing to fit to
};

}  // namespace dne
