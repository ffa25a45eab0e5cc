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

#include "dne/genome/genome.h"
#include "dne/plan/plan.h"

namespace dne {

// What never changes after a run was made.
struct RunInfo {
  std::string config;  // the resolved configuration, TOML
  std::string dne_version;
  std::string build;    // compiler, flags, optional parts
  std::string math;     // library of sine and so on; empty: not noted, the C library's
  std::string machine;  // processor and core count
  uint64_t seed = 0;
  std::string created;  // UTC, ISO 8601; given by the caller
  // What the configuration alone does not rebuild everywhere: "reference_batch".
  std::map<std::string, std::vector<uint8_t>> attachments;

  bool operator==(const RunInfo&) const = default;
};

// One genome tried in one round.
struct TrialRecord {
  uint32_t generation = 0;
  std::string round;   // "train", "validate", "test"
  uint32_t index = 0;  // its place in the plan
  Birth individual;
  std::optional<Birth> parent;  // none: a founder
  float sigma = 0;              // of the last mutation
  double fitness = 0;           // mean score of its episodes
  uint64_t steps = 0;           // as counted: drawn twice, counted twice
  uint64_t frames = 0;
  std::vector<Episode> episodes;  // different ones, by start
  std::vector<uint32_t> draws;    // how often each was drawn

  bool operator==(const TrialRecord&) const = default;
};

// A generation's metrics by name: written once, with its last round. Names as in
// docs/metrics.md.
using Metrics = std::map<std::string, double>;

struct GenerationRecord {
  uint32_t generation = 0;
  Metrics metrics;
  uint64_t digest = 0;         // of everything the generation computed
  std::vector<uint8_t> elite;  // EncodeGenome of the elite

  bool operator==(const GenerationRecord&) const = default;
};

// All that one commit writes.
struct Commit {
  std::vector<TrialRecord> trials;
  std::vector<Centre> centres;                 // made by the generation that ends
  std::optional<GenerationRecord> generation;  // with the last round of a generation
  uint32_t next_generation = 0;                // what the state is about to ask
  std::string state;                           // the algorithm's and the loop's state, bytes
};

struct Checkpoint {
  uint32_t next_generation = 0;
  std::string state;

  bool operator==(const Checkpoint&) const = default;
};

// Every function throws Error with the path, the cause and what to do: no such run, not a run
// store, damaged, from a newer dne, in use by another process, read-only, disk full. A failed
// commit leaves the store as it was. Not thread-safe.
class RunStore {
 public:
  // Makes `dir` (and parents); refuses one that already holds a run.
  static std::unique_ptr<RunStore> Create(const std::filesystem::path& dir, const RunInfo& info);
  // To go on with a run: takes the writer's lock (one process), which ends with the process, and
  // checks the whole file (under a second for 300 MB).
  static std::unique_ptr<RunStore> Open(const std::filesystem::path& dir);
  // To look at a run, also while another process writes it; Write is then a bug. In a folder that
  // cannot be written, a run that nobody writes now must not be gone on with meanwhile.
  static std::unique_ptr<RunStore> OpenReadOnly(const std::filesystem::path& dir);
  virtual ~RunStore() = default;

  // One transaction, synced: after it returns, a kill or a power cut loses nothing.
  virtual void Write(const Commit& commit) = 0;

  virtual const RunInfo& info() const = 0;
  virtual std::optional<Checkpoint> LastCheckpoint() const = 0;
  // Finished generations, oldest first.
  virtual std::vector<GenerationRecord> Generations() const = 0;
  virtual std::optional<GenerationRecord> LastGeneration() const = 0;
  // The numbers of a centre that a finished generation made.
  virtual std::optional<std::vector<float>> CentrePolicy(Birth centre) const = 0;
  // Without `round`: of all rounds of the generation. Ordered by the round's name, then
  // index; episodes by start.
  virtual std::vector<TrialRecord> Trials(uint32_t generation,
                                          const std::optional<std::string>& round = {}) const = 0;
  virtual uint64_t SizeOnDisk() const = 0;  // bytes
};

}  // namespace dne
