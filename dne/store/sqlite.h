// SPDX-License-Identifier: MIT
// A thin layer over SQLite: handles that close themselves and errors a user can act on. Private
// to the store.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace dne {

class Database {
 public:
  enum class Access {
    kCreate,
    kWrite,
    kRead,
    kReadFrozen,  // for a folder that cannot be written: takes for granted that nobody writes
  };

  Database(const std::filesystem::path& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // One or more statements without parameters and results.
  void Execute(const char* sql) const;

  // Throws what the last failed call calls for.
  [[noreturn]] void Fail() const;
  [[noreturn]] void FailDamaged(const std::string& cause) const;
  [[noreturn]] void FailTooLarge(const std::string& cause) const;

  const std::filesystem::path& path() const { return path_; }
  sqlite3* handle() const { return handle_; }

 private:
  std::filesystem::path path_;
  sqlite3* handle_ = nullptr;
};

// A prepared statement. Parameters are ?1, ?2, ... in the order given.
class Statement {
 public:
  Statement(const Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Runs a statement that returns nothing.
  template <class... Values>
  void Run(const Values&... values) {
    BindAll(values...);
    while (Next()) {
    }
    Reset();
  }
  // Starts a query; Next moves to its first row and on, false at the end.
  template <class... Values>
  void BindAll(const Values&... values) {
    int column = 0;
    (Bind(++column, values), ...);
  }
  bool Next();
  void Reset();  // for the next values

  // Columns of the current row, from 0. A value outside the type's range: the store is damaged.
  bool IsNull(int column) const;
  uint64_t Unsigned64(int column) const;  // bit for bit, so negative ones are large
  uint32_t Unsigned32(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;  // of text or blob
  std::vector<uint8_t> Bytes(int column) const;

 private:
  void Bind(int column, std::integral auto value) {
    BindInteger(column, static_cast<int64_t>(value));
  }
  void Bind(int column, double value);  // not NaN: SQLite would make it NULL
  void Bind(int column, std::string_view text);
  void Bind(int column, std::span<const uint8_t> bytes);
  template <class T>
  void Bind(int column, const std::optional<T>& value) {
    if (value) Bind(column, *value);
  }
  void BindInteger(int column, int64_t value);
  void RequireRoomFor(size_t bytes) const;  // throws Error for more than the database can hold
  void Check(int code) const;

  const Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

// Rolls back unless committed. Reading in one transaction sees one moment.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };
  Transaction(const Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void Commit();

 private:
  const Database& database_;
};

}  // namespace dne
