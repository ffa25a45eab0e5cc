// SPDX-License-Identifier: MIT
#include "dne/store/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "dne/base/error.h"
#include "dne/store/sqlite_run_store.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

constexpr char kFileName[] = "run.sqlite";

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

}  // namespace

SqliteRunStore::SqliteRunStore(const fs::path& file, std::optional<FileLock> lock)
    : lock_(std::move(lock)),
      database_(file, lock_ ? Database::Access::kWrite : ReadingAccess(file)) {
  version_ = CheckSchema(database_);
  CheckEnd();
  if (lock_) PrepareForWriting();
  info_ = ReadRunInfo(database_, version_);
}

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
  if (version_ == kSchemaVersion) return;
  RaiseSchema(database_);
  version_ = kSchemaVersion;
}

uint64_t SqliteRunStore::SizeOnDisk() const {
  return SizeOf(database_.path()) + SizeOf(WithSuffix(database_.path(), "-wal"));
}

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
