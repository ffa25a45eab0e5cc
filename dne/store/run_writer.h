// SPDX-License-Identifier: MIT
// What a run writes down as it goes on, and to whom.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dne/genome/genome.h"
#include "dne/plan/centre.h"
#include "dne/plan/metrics.h"
#include "dne/plan/plan.h"
#include "dne/plan/rank_report.h"

namespace dne {

// One genome tried in one round.
struct TrialRecord {
  uint32_t generation = 0;
  std::string round;   // "train", "validate", "test"
  uint32_t index = 0;  // its place in the plan
  Birth individual;
  std::optional<Birth> parent;  // none: a founder
  float sigma = 0;              // of the last mutation
  bool mirrored = false;        // likewise
  double fitness = 0;           // mean score of its episodes
  uint64_t steps = 0;           // as counted: drawn twice, counted twice
  uint64_t frames = 0;
  std::vector<Episode> episodes;  // different ones, by start
  std::vector<uint32_t> draws;    // how often each was drawn

  // One of its episodes reached the task's goal.
  bool solved() const {
    return std::ranges::any_of(
        episodes, [](const Episode& episode) { return episode.end == EpisodeEnd::kSolved; });
  }
  bool operator==(const TrialRecord&) const = default;
};

struct GenerationRecord {
  uint32_t generation = 0;
  Metrics metrics;             // written once, with its last round
  uint64_t digest = 0;         // of everything the generation computed
  std::vector<uint8_t> elite;  // EncodeGenome of the elite

  bool operator==(const GenerationRecord&) const = default;
};

// All that one commit writes: one round or several, whole, and how to go on from them.
struct Commit {
  std::vector<TrialRecord> trials;
  // Of the centres that the generations made: some whole, of the others how they were made.
  std::vector<WholeCentre> centres;
  std::vector<CentreMove> moves;
  std::vector<GenerationRecord> generations;
  std::vector<RankReport> ranks;  // as they are now; none where one process does it all
  uint32_t next_generation = 0;   // what the state is about to ask ...
  uint32_t next_round = 0;        // ... and which of its rounds, from 0
  std::string state;              // the algorithm's and the loop's state, bytes
};

struct Checkpoint {
  uint32_t next_generation = 0;
  std::string state;

  bool operator==(const Checkpoint&) const = default;
};

// Results of a round that is in no commit yet.
struct LogEntry {
  uint32_t generation = 0;
  uint32_t round = 0;            // which one of its generation, from 0
  uint64_t plan = 0;             // a digest of it: results of another plan are of no use
  double seconds = 0;            // that the run took since the entry before
  std::vector<uint8_t> results;  // EncodeJobResults (dne/plan/wire.h)

  bool operator==(const LogEntry&) const = default;
};

// What the generation loop needs of a store. Everything throws Error as RunStore does.
class RunWriter {
 public:
  virtual ~RunWriter() = default;

  // One transaction, synced: after it returns, a kill or a power cut loses nothing. A commit takes
  // the entries of the rounds before its next one out of the log.
  virtual void Write(const Commit& commit) = 0;
  virtual void Log(const LogEntry& entry) = 0;

  // Where an earlier process ended: its last commit, and what it logged since, oldest first.
  virtual std::optional<Checkpoint> LastCheckpoint() const = 0;
  virtual std::vector<LogEntry> Logged() const = 0;
};

}  // namespace dne
