// SPDX-License-Identifier: MIT
// A run on disk: one SQLite file, RUN/run.sqlite, readable with the sqlite3 shell while the run
// goes on (write-ahead log). The schema is documented in docs/formats-store.md and versioned: old
// runs stay readable, newer ones are refused with a clear error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dne/store/run_writer.h"

namespace dne {

// What never changes after a run was made.
struct RunInfo {
  std::string config;  // the resolved configuration, TOML
  std::string dne_version;
  std::string build;         // compiler, flags, optional parts
  std::string math;          // library of sine and so on; empty: not noted, the C library's
  std::string architecture;  // "x86_64" or "aarch64"
  std::string machine;       // processor and core count
  uint64_t seed = 0;
  std::string created;  // UTC, ISO 8601; given by the caller
  // What the configuration alone does not rebuild everywhere: "reference_batch".
  std::map<std::string, std::vector<uint8_t>> attachments;

  bool operator==(const RunInfo&) const = default;
};

// Every function throws Error with the path, the cause and what to do: no such run, not a run
// store, damaged, from a newer dne, in use by another process, read-only, disk full. A failed
// commit leaves the store as it was. Not thread-safe.
class RunStore : public RunWriter {
 public:
  // Makes `dir` (and parents); refuses one that already holds a run.
  static std::unique_ptr<RunStore> Create(const std::filesystem::path& dir, const RunInfo& info);
  // To go on with a run: takes the writer's lock (one process), which ends with the process,
  // checks the whole file (under a second for 300 MB), and raises one of an older version to this.
  static std::unique_ptr<RunStore> Open(const std::filesystem::path& dir);
  // To look at a run, also while another process writes it; Write is then a bug. In a folder that
  // cannot be written, a run that nobody writes now must not be gone on with meanwhile.
  static std::unique_ptr<RunStore> OpenReadOnly(const std::filesystem::path& dir);

  virtual const RunInfo& info() const = 0;
  // Finished generations, oldest first: from `first` on, those whose number is a multiple of
  // `stride` (>= 1).
  virtual std::vector<GenerationRecord> Generations(uint32_t first = 0,
                                                    uint32_t stride = 1) const = 0;
  virtual std::optional<GenerationRecord> LastGeneration() const = 0;
  // What rebuilds a centre that a finished generation made; no moves: it is kept whole.
  virtual std::optional<CentreHistory> HistoryOf(Birth centre) const = 0;
  // Without `round`: of all rounds of the generation. Those whose index is a multiple of `stride`
  // (>= 1). Ordered by the round's name, then index; episodes by start.
  virtual std::vector<TrialRecord> Trials(uint32_t generation,
                                          const std::optional<std::string>& round = {},
                                          uint32_t stride = 1) const = 0;
  // The first trial of an individual in that round; none: it was not tried there.
  virtual std::optional<TrialRecord> FindTrial(uint32_t generation, const std::string& round,
                                               Birth individual) const = 0;
  // Of the last start, as of the last commit; none where one process did it all.
  virtual std::vector<RankReport> Ranks() const = 0;
  virtual uint64_t SizeOnDisk() const = 0;  // bytes
};

}  // namespace dne
