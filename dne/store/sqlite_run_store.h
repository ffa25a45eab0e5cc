// SPDX-License-Identifier: MIT
// The run store on SQLite. Private to the store: store.cc makes and opens it, store_write.cc and
// store_read.cc are what it writes and reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dne/store/lock.h"
#include "dne/store/schema.h"
#include "dne/store/sqlite.h"
#include "dne/store/store.h"

namespace dne {

class SqliteRunStore final : public RunStore {
 public:
  // With a lock: for writing.
  SqliteRunStore(const std::filesystem::path& file, std::optional<FileLock> lock);

  void Write(const Commit& commit) override;
  void Log(const LogEntry& entry) override;
  std::vector<LogEntry> Logged() const override;
  const RunInfo& info() const override { return info_; }
  std::optional<Checkpoint> LastCheckpoint() const override;
  std::vector<GenerationRecord> Generations(uint32_t first, uint32_t stride) const override {
    return ReadGenerations(std::to_string(first), stride);
  }
  std::optional<GenerationRecord> LastGeneration() const override;
  std::optional<CentreHistory> HistoryOf(Birth centre) const override;
  std::vector<TrialRecord> Trials(uint32_t generation, const std::optional<std::string>& round,
                                  uint32_t stride) const override;
  std::optional<TrialRecord> FindTrial(uint32_t generation, const std::string& round,
                                       Birth individual) const override;
  std::vector<RankReport> Ranks() const override;
  uint64_t SizeOnDisk() const override;

 private:
  void CheckEnd() const;
  void PrepareForWriting();
  void WriteTrials(std::span<const TrialRecord> trials);
  void WriteCentres(const Commit& commit);
  void WriteGeneration(const GenerationRecord& record);
  void WriteRanks(const std::vector<RankReport>& ranks);
  void WriteCheckpoint(const Checkpoint& checkpoint);
  bool FindWhole(Birth centre, WholeCentre& whole) const;
  std::optional<CentreMove> FindMove(Birth centre) const;
  std::vector<GenerationRecord> ReadGenerations(const std::string& first, uint32_t stride) const;
  std::optional<TrialRecord> FindRow(uint32_t generation, const std::string& round,
                                     Birth individual) const;
  // Those of a generation; of a round, where one is named; of the index `only`, where it is given.
  struct Selection {
    uint32_t generation = 0;
    std::optional<std::string> round = {};
    uint32_t stride = 1;
    std::optional<uint32_t> only = {};
  };
  void ReadEpisodes(const Selection& selection, std::vector<TrialRecord>& trials) const;
  void ReadClouds(const Selection& selection, std::vector<TrialRecord>& trials) const;

  std::optional<FileLock> lock_;  // outlives the database, which writes while closing
  Database database_;
  uint32_t version_ = 0;  // of the schema
  RunInfo info_;
};

// As digests are stored.
std::string ToHex(uint64_t value);
uint64_t ChecksumOf(const Checkpoint& checkpoint);

}  // namespace dne
