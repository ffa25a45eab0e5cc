// SPDX-License-Identifier: MIT
#include "dne/store/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <span>
#include <system_error>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/store/lock.h"
#include "dne/store/schema.h"
#include "dne/store/sqlite.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

constexpr char kFileName[] = "run.sqlite";

std::string ToHex(uint64_t value) {
  std::string text(16, '0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
  return text;
}

uint64_t FromHex(const Database& database, const std::string& text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value, 16);
  if (failure != std::errc() || stop != end) database.FailDamaged("the digest '" + text + "'");
  return value;
}

// The double a person would write for this float: 0.002 rather than 0.0020000000949949026.
double Readable(float value) {
  char text[32];
  const auto written = std::to_chars(text, text + sizeof text, value);
  double readable = value;
  std::from_chars(text, written.ptr, readable);
  return static_cast<float>(readable) == value ? readable : value;
}

uint64_t ChecksumOf(const Checkpoint& checkpoint) {
  Digest digest;
  digest.Add(checkpoint.next_generation);
  digest.AddText(checkpoint.state);
  return digest.value();
}

uint64_t SizeOf(const fs::path& path) {
  std::error_code absent;
  const uint64_t size = fs::file_size(path, absent);
  return absent ? 0 : size;
}

fs::path WithSuffix(const fs::path& path, const char* suffix) { return path.string() + suffix; }

// A name survives a power cut once its folder is synced. Best effort: some folders, and some file
// systems, cannot be.
void SyncFolder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void MakeFolder(const fs::path& dir) {
  std::error_code failure;
  fs::create_directories(dir, failure);
  if (!failure && !fs::is_directory(dir, failure)) {
    failure = std::make_error_code(std::errc::not_a_directory);
  }
  if (failure) {
    throw Error("cannot make the run's folder " + dir.string() + " (" + failure.message() +
                "): name another folder");
  }
}

void RemoveLeftovers(const fs::path& file) {
  for (const char* suffix : {"", "-journal"}) {
    std::error_code failure;
    fs::remove(WithSuffix(file, suffix), failure);
    if (failure) {
      throw Error("cannot remove " + file.string() + suffix + ", left by a killed start (" +
                  failure.message() + "): remove it yourself or name another folder");
    }
  }
}

// Throws where there is no file to open.
fs::path ExistingFile(const fs::path& dir) {
  const fs::path file = dir / kFileName;
  std::error_code failure;
  const fs::file_status status = fs::status(file, failure);
  if (fs::is_regular_file(status)) return file;
  if (fs::is_directory(status)) {
    throw Error(file.string() + " is a folder, not a run: name a folder that a run of dne made");
  }
  throw Error("no run in " + dir.string() + " (" + file.string() + ": " +
              (failure ? failure.message() : "not a file") +
              "): name a folder that a run of dne made");
}

// How to read `file`. SQLite reads a log only through a shared index beside it; where that does
// not exist and cannot be made, the file must be complete without its log.
Database::Access ReadingAccess(const fs::path& file) {
  const bool writable = ::faccessat(AT_FDCWD, file.parent_path().c_str(), W_OK, AT_EACCESS) == 0;
  if (writable || fs::exists(WithSuffix(file, "-shm"))) return Database::Access::kRead;
  if (SizeOf(WithSuffix(file, "-wal")) > 0) {
    throw Error(file.string() + " has commits in its log (" + kFileName +
                "-wal) that cannot be read in a read-only folder: copy the folder to where you "
                "may write and open the copy");
  }
  return Database::Access::kReadFrozen;
}

class SqliteRunStore final : public RunStore {
 public:
  // With a lock: for writing.
  SqliteRunStore(const fs::path& file, std::optional<FileLock> lock)
      : lock_(std::move(lock)),
        database_(file, lock_ ? Database::Access::kWrite : ReadingAccess(file)) {
    version_ = CheckSchema(database_);
    CheckEnd();
    if (lock_) PrepareForWriting();
    info_ = ReadRunInfo(database_, version_);
  }

  void Write(const Commit& commit) override;
  const RunInfo& info() const override { return info_; }
  std::optional<Checkpoint> LastCheckpoint() const override;
  std::vector<GenerationRecord> Generations() const override { return ReadGenerations("0"); }
  std::optional<GenerationRecord> LastGeneration() const override;
  std::optional<std::vector<float>> CentrePolicy(Birth centre) const override;
  std::vector<TrialRecord> Trials(uint32_t generation,
                                  const std::optional<std::string>& round) const override;
  uint64_t SizeOnDisk() const override {
    return SizeOf(database_.path()) + SizeOf(WithSuffix(database_.path(), "-wal"));
  }

 private:
  void CheckEnd() const;
  void PrepareForWriting();
  void WriteTrials(const std::vector<TrialRecord>& trials);
  void WriteCentres(const std::vector<Centre>& centres);
  void WriteGeneration(const GenerationRecord& record);
  void WriteCheckpoint(const Checkpoint& checkpoint);
  std::vector<GenerationRecord> ReadGenerations(const std::string& first) const;
  void ReadEpisodes(uint32_t generation, const std::optional<std::string>& round,
                    std::vector<TrialRecord>& trials) const;

  std::optional<FileLock> lock_;  // outlives the database, which writes while closing
  Database database_;
  uint32_t version_ = 0;  // of the schema
  RunInfo info_;
};

// SQLite finds whole pages missing, but takes the missing part of one for zeros. While there is a
// log, the file may be in the middle of growing.
void SqliteRunStore::CheckEnd() const {
  if (SizeOf(WithSuffix(database_.path(), "-wal")) > 0) return;
  Statement query(database_, "PRAGMA page_size");
  if (!query.Next() || SizeOf(database_.path()) % query.Unsigned32(0) != 0) {
    database_.FailDamaged("its end is missing");
  }
}

// A writer checks the whole file before it goes on: hours of work on top of damage are lost.
void SqliteRunStore::PrepareForWriting() {
  Statement check(database_, "PRAGMA quick_check(1)");
  if (!check.Next()) database_.FailDamaged("it cannot be checked");
  if (const std::string verdict = check.Text(0); verdict != "ok") database_.FailDamaged(verdict);
  check.Next();
  database_.Execute("PRAGMA journal_mode = WAL");
  // NORMAL would lose the last commits in a power cut.
  database_.Execute("PRAGMA synchronous = FULL");
}

// --- Writing ---------------------------------------------------------------------------------

void SqliteRunStore::Write(const Commit& commit) {
  DNE_CHECK(lock_.has_value());
  Transaction transaction(database_, Transaction::Kind::kWrite);
  WriteTrials(commit.trials);
  WriteCentres(commit.centres);
  if (commit.generation) WriteGeneration(*commit.generation);
  WriteCheckpoint({commit.next_generation, commit.state});
  transaction.Commit();
}

void SqliteRunStore::WriteTrials(const std::vector<TrialRecord>& trials) {
  Statement add_trial(database_,
                      "INSERT INTO trial VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                      "?12, ?13)");
  Statement add_episode(
      database_, "INSERT INTO episode VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  for (const TrialRecord& trial : trials) {
    DNE_CHECK(trial.draws.size() == trial.episodes.size());
    uint64_t counted = 0;
    for (size_t i = 0; i < trial.episodes.size(); ++i) {
      const Episode& episode = trial.episodes[i];
      counted += trial.draws[i];
      add_episode.Run(trial.generation, trial.round, trial.index, episode.start.noops,
                      episode.start.seed, trial.draws[i], episode.score, episode.steps,
                      episode.frames, static_cast<uint8_t>(episode.end), episode.descriptor);
    }
    std::optional<uint32_t> parent_generation;
    std::optional<uint32_t> parent_item;
    if (trial.parent) {
      parent_generation = trial.parent->generation;
      parent_item = trial.parent->item;
    }
    add_trial.Run(trial.generation, trial.round, trial.index, trial.individual.generation,
                  trial.individual.item, parent_generation, parent_item, Readable(trial.sigma),
                  trial.fitness, trial.steps, trial.frames, counted, trial.episodes.size());
  }
}

void SqliteRunStore::WriteCentres(const std::vector<Centre>& centres) {
  if (centres.empty()) return;
  Statement add(database_, "INSERT INTO centre VALUES (?1, ?2, ?3)");
  for (const Centre& centre : centres) {
    add.Run(centre.birth.generation, centre.birth.item, BytesOfFloats(*centre.parameters));
  }
}

void SqliteRunStore::WriteGeneration(const GenerationRecord& record) {
  Statement(database_, "INSERT INTO generation VALUES (?1, ?2, ?3)")
      .Run(record.generation, ToHex(record.digest), record.elite);
  Statement add_metric(database_, "INSERT INTO metric VALUES (?1, ?2, ?3)");
  for (const auto& [name, value] : record.metrics) add_metric.Run(record.generation, name, value);
}

void SqliteRunStore::WriteCheckpoint(const Checkpoint& checkpoint) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(checkpoint.state.data());
  Statement(database_,
            "INSERT INTO checkpoint (next_generation, state, checksum) VALUES (?1, ?2, ?3)")
      .Run(checkpoint.next_generation, std::span(bytes, checkpoint.state.size()),
           ToHex(ChecksumOf(checkpoint)));
  database_.Execute(
      "DELETE FROM checkpoint WHERE id NOT IN (SELECT id FROM checkpoint ORDER BY id DESC LIMIT "
      "2)");
}

// --- Reading ---------------------------------------------------------------------------------

std::optional<Checkpoint> SqliteRunStore::LastCheckpoint() const {
  Statement query(database_,
                  "SELECT next_generation, state, checksum FROM checkpoint ORDER BY id DESC LIMIT "
                  "1");
  if (!query.Next()) return {};
  Checkpoint checkpoint{query.Unsigned32(0), query.Text(1)};
  if (query.Text(2) != ToHex(ChecksumOf(checkpoint))) {
    database_.FailDamaged("the checkpoint's checksum is wrong");
  }
  return checkpoint;
}

std::optional<GenerationRecord> SqliteRunStore::LastGeneration() const {
  std::vector<GenerationRecord> last = ReadGenerations("(SELECT max(generation) FROM generation)");
  if (last.empty()) return {};
  return std::move(last.back());
}

std::vector<GenerationRecord> SqliteRunStore::ReadGenerations(const std::string& first) const {
  Transaction moment(database_, Transaction::Kind::kRead);
  std::vector<GenerationRecord> records;
  Statement generations(
      database_, "SELECT generation, digest, elite FROM generation WHERE generation >= " + first +
                     " ORDER BY generation");
  while (generations.Next()) {
    records.push_back({.generation = generations.Unsigned32(0),
                       .metrics = {},
                       .digest = FromHex(database_, generations.Text(1)),
                       .elite = generations.Bytes(2)});
  }
  Statement metrics(database_, "SELECT name, value FROM metric WHERE generation = ?1");
  for (GenerationRecord& record : records) {
    metrics.BindAll(record.generation);
    while (metrics.Next()) record.metrics[metrics.Text(0)] = metrics.Real(1);
    metrics.Reset();
  }
  return records;
}

std::optional<std::vector<float>> SqliteRunStore::CentrePolicy(Birth centre) const {
  if (version_ < 2) return {};
  Statement query(database_, "SELECT policy FROM centre WHERE generation = ?1 AND item = ?2");
  query.BindAll(centre.generation, centre.item);
  if (!query.Next()) return {};
  const std::vector<uint8_t> bytes = query.Bytes(0);
  if (bytes.size() % sizeof(float) != 0) database_.FailDamaged("the length of a centre's policy");
  return FloatsFromBytes(bytes);
}

std::vector<TrialRecord> SqliteRunStore::Trials(uint32_t generation,
                                                const std::optional<std::string>& round) const {
  Transaction moment(database_, Transaction::Kind::kRead);
  std::vector<TrialRecord> trials;
  Statement query(database_,
                  "SELECT round, idx, individual_generation, individual_item, parent_generation, "
                  "parent_item, sigma, fitness, steps, frames FROM trial "
                  "WHERE generation = ?1 AND (?2 IS NULL OR round = ?2) ORDER BY round, idx");
  query.BindAll(generation, round);
  while (query.Next()) {
    TrialRecord trial;
    trial.generation = generation;
    trial.round = query.Text(0);
    trial.index = query.Unsigned32(1);
    trial.individual = {query.Unsigned32(2), query.Unsigned32(3)};
    if (!query.IsNull(4)) trial.parent = Birth{query.Unsigned32(4), query.Unsigned32(5)};
    trial.sigma = static_cast<float>(query.Real(6));
    trial.fitness = query.Real(7);
    trial.steps = query.Unsigned64(8);
    trial.frames = query.Unsigned64(9);
    trials.push_back(std::move(trial));
  }
  ReadEpisodes(generation, round, trials);
  return trials;
}

// Both lists are in the order of round and index.
void SqliteRunStore::ReadEpisodes(uint32_t generation, const std::optional<std::string>& round,
                                  std::vector<TrialRecord>& trials) const {
  // `seed < 0` first: seeds are unsigned.
  Statement query(database_,
                  "SELECT round, idx, noops, seed, draws, score, steps, frames, ending, descriptor "
                  "FROM episode WHERE generation = ?1 AND (?2 IS NULL OR round = ?2) "
                  "ORDER BY round, idx, noops, seed < 0, seed");
  query.BindAll(generation, round);
  size_t at = 0;
  while (query.Next()) {
    const std::pair key(query.Text(0), query.Unsigned32(1));
    while (at < trials.size() && std::pair(trials[at].round, trials[at].index) != key) ++at;
    if (at == trials.size()) database_.FailDamaged("an episode without its trial");
    const uint32_t ending = query.Unsigned32(8);
    if (ending > static_cast<uint32_t>(EpisodeEnd::kInvalid)) {
      database_.FailDamaged("the ending " + std::to_string(ending) + " of an episode");
    }
    trials[at].episodes.push_back({.start = {query.Unsigned32(2), query.Unsigned64(3)},
                                   .score = query.Real(5),
                                   .steps = query.Unsigned32(6),
                                   .frames = query.Unsigned64(7),
                                   .end = static_cast<EpisodeEnd>(ending),
                                   .descriptor = query.Bytes(9)});
    trials[at].draws.push_back(query.Unsigned32(4));
  }
}

}  // namespace

// A start killed half-way leaves no run.sqlite: the file gets its name when it is whole.
std::unique_ptr<RunStore> RunStore::Create(const fs::path& dir, const RunInfo& info) {
  MakeFolder(dir);
  FileLock lock(dir / "lock");
  const fs::path file = dir / kFileName;
  if (fs::exists(file)) {
    throw Error(dir.string() + " already holds a run: resume it, or name another folder");
  }
  const fs::path unfinished = WithSuffix(file, ".new");
  RemoveLeftovers(unfinished);
  MakeSchema(Database(unfinished, Database::Access::kCreate), info);
  std::error_code failure;
  fs::rename(unfinished, file, failure);
  if (failure) {
    throw Error("cannot rename " + unfinished.string() + " (" + failure.message() +
                "): name another folder");
  }
  SyncFolder(dir);
  SyncFolder(fs::absolute(dir).parent_path());
  return std::make_unique<SqliteRunStore>(file, std::move(lock));
}

std::unique_ptr<RunStore> RunStore::Open(const fs::path& dir) {
  const fs::path file = ExistingFile(dir);
  return std::make_unique<SqliteRunStore>(file, FileLock(dir / "lock"));
}

std::unique_ptr<RunStore> RunStore::OpenReadOnly(const fs::path& dir) {
  return std::make_unique<SqliteRunStore>(ExistingFile(dir), std::nullopt);
}

}  // namespace dne
