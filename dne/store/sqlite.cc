// SPDX-License-Identifier: MIT
#include "dne/store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cmath>
#include <limits>
#include <new>
#include <system_error>

#include "dne/base/error.h"

namespace dne {
namespace {

// Long enough for another process to finish its recovery or last checkpoint of the log.
constexpr int kPatienceMilliseconds = 3000;

// As a URI, in which '?', '#' and '%' have a meaning of their own.
std::string Uri(const std::filesystem::path& path, const char* query) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (char c : std::filesystem::absolute(path).string()) {
    if (c == '?' || c == '#' || c == '%') {
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += kHex[byte >> 4];
      uri += kHex[byte & 15];
    } else {
      uri += c;
    }
  }
  return uri + query;
}

int OpenFlags(Database::Access access) {
  switch (access) {
    case Database::Access::kCreate:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    case Database::Access::kWrite:
      return SQLITE_OPEN_READWRITE;
    default:
      return SQLITE_OPEN_READONLY;
  }
}

bool MeansNoRoom(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

}  // namespace

Database::Database(const std::filesystem::path& path, Access access) : path_(path) {
  const std::string uri = Uri(path, access == Access::kReadFrozen ? "?immutable=1" : "");
  const int flags = OpenFlags(access) | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(uri.c_str(), &handle_, flags, nullptr);
  if (handle_ == nullptr) throw std::bad_alloc();
  try {
    if (code != SQLITE_OK) Fail();
    sqlite3_busy_timeout(handle_, kPatienceMilliseconds);
    // SQLite opens what it may not write for reading, without a word.
    if ((access == Access::kWrite || access == Access::kCreate) &&
        sqlite3_db_readonly(handle_, "main") == 1) {
      throw Error(path_.string() +
                  " is read-only: give yourself write permission to go on with the run");
    }
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

Database::~Database() { sqlite3_close(handle_); }

void Database::Execute(const char* sql) const {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) Fail();
}

void Database::FailDamaged(const std::string& cause) const {
  throw Error(path_.string() + " is damaged (" + cause +
              "): restore the run's folder from a copy, or start a new run in another folder");
}

void Database::FailTooLarge(const std::string& cause) const {
  throw Error(path_.string() + " does not take what is to be stored (" + cause +
              "): use a smaller network, fewer centres or another behaviour distance; everything "
              "committed before is intact");
}

void Database::Fail() const {
  const int code = sqlite3_errcode(handle_) & 0xff;
  // SQLite does not pass on what made a commit fail.
  const int last_error = errno;
  const int named_error = sqlite3_system_errno(handle_);
  const int system_error = named_error != 0 ? named_error : last_error;
  std::string cause = sqlite3_errmsg(handle_);
  if (code == SQLITE_NOMEM) throw std::bad_alloc();
  if (code == SQLITE_FULL || (code == SQLITE_IOERR && MeansNoRoom(system_error))) {
    throw Error(path_.string() + ": no room left on the disk (" + cause +
                "): free some space and resume the run; everything committed before is intact");
  }
  if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN) {
    if (system_error != 0) cause += ", " + std::generic_category().message(system_error);
  }
  switch (code) {
    case SQLITE_IOERR:
      throw Error(path_.string() + ": reading or writing failed (" + cause +
                  "): check the disk and resume the run; everything committed before is intact");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      throw Error(path_.string() + " cannot be opened or written (" + cause +
                  "): check the permissions of the file and its folder, or copy the folder to "
                  "where you may write");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(path_.string() + " is locked by another program (" + cause +
                  "): close the database shell or backup that holds it and resume the run");
    case SQLITE_TOOBIG:
      FailTooLarge(cause);
    case SQLITE_NOTADB:
      throw Error(path_.string() + " is not a run of dne (" + cause +
                  "): name a folder that a run of dne made");
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
      throw BugError("dne bug: " + path_.string() + ": " + cause);
    default:
      FailDamaged(cause);
  }
}

Statement::Statement(const Database& database, std::string_view sql) : database_(database) {
  Check(sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &handle_,
                           nullptr));
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::Check(int code) const {
  if (code != SQLITE_OK) database_.Fail();
}

bool Statement::Next() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.Fail();
  return false;
}

void Statement::Reset() {
  Check(sqlite3_reset(handle_));
  Check(sqlite3_clear_bindings(handle_));
}

void Statement::Bind(int column, double value) {
  DNE_CHECK(!std::isnan(value));
  Check(sqlite3_bind_double(handle_, column, value));
}

void Statement::RequireRoomFor(size_t bytes) const {
  const int most = sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, -1);
  if (bytes <= static_cast<size_t>(most)) return;
  database_.FailTooLarge("a value has " + std::to_string(bytes) + " bytes, the largest may have " +
                         std::to_string(most));
}

// Bound values outlive the statement's run, so SQLite need not copy them.
void Statement::Bind(int column, std::string_view text) {
  RequireRoomFor(text.size());
  const char* data = text.data() == nullptr ? "" : text.data();
  Check(sqlite3_bind_text64(handle_, column, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::Bind(int column, std::span<const uint8_t> bytes) {
  RequireRoomFor(bytes.size());
  const void* data = bytes.data() == nullptr ? "" : static_cast<const void*>(bytes.data());
  Check(sqlite3_bind_blob64(handle_, column, data, bytes.size(), SQLITE_STATIC));
}

void Statement::BindInteger(int column, int64_t value) {
  Check(sqlite3_bind_int64(handle_, column, value));
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

uint64_t Statement::Unsigned64(int column) const {
  return static_cast<uint64_t>(sqlite3_column_int64(handle_, column));
}

uint32_t Statement::Unsigned32(int column) const {
  const uint64_t value = Unsigned64(column);
  if (value > std::numeric_limits<uint32_t>::max()) {
    database_.FailDamaged(std::string(sqlite3_column_name(handle_, column)) + " out of range");
  }
  return static_cast<uint32_t>(value);
}

double Statement::Real(int column) const { return sqlite3_column_double(handle_, column); }

std::string Statement::Text(int column) const {
  const std::vector<uint8_t> bytes = Bytes(column);
  return {bytes.begin(), bytes.end()};
}

std::vector<uint8_t> Statement::Bytes(int column) const {
  const auto* data = static_cast<const uint8_t*>(sqlite3_column_blob(handle_, column));
  const int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr) return {};
  return {data, data + size};
}

Transaction::Transaction(const Database& database, Kind kind) : database_(database) {
  database_.Execute(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

void Transaction::Commit() { database_.Execute("COMMIT"); }

Transaction::~Transaction() {
  // After some errors SQLite has rolled back on its own.
  if (sqlite3_get_autocommit(database_.handle()) == 0) {
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

}  // namespace dne
