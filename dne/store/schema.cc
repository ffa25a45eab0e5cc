// SPDX-License-Identifier: MIT
#include "dne/store/schema.h"

#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "dne/base/error.h"

namespace dne {
namespace {

// SQLite keeps the comments: `.schema` in its shell explains itself. WITHOUT ROWID keeps rows
// that belong together side by side and saves an index.
// Every table of this version; those that are there already stay as they are.
constexpr char kTables[] = R"sql(
CREATE TABLE IF NOT EXISTS run (  -- what never changes
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS trial (  -- one genome tried in one round
  generation INTEGER NOT NULL,
  round TEXT NOT NULL,                     -- train, validate, test
  idx INTEGER NOT NULL,                    -- its place in the round
  individual_generation INTEGER NOT NULL,  -- the individual's address in the run:
  individual_item INTEGER NOT NULL,        --   child `item` of a generation
  parent_generation INTEGER,               -- NULL: a founder
  parent_item INTEGER,
  sigma REAL NOT NULL,                     -- of the last mutation
  fitness REAL NOT NULL,                   -- mean score of its episodes
  steps INTEGER NOT NULL,                  -- as counted: drawn twice, counted twice
  frames INTEGER NOT NULL,                 -- likewise
  episodes_counted INTEGER NOT NULL,
  episodes_run INTEGER NOT NULL,           -- different ones
  PRIMARY KEY (generation, round, idx)
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS episode (  -- one different episode of a trial
  generation INTEGER NOT NULL,
  round TEXT NOT NULL,
  idx INTEGER NOT NULL,
  noops INTEGER NOT NULL,
  seed INTEGER NOT NULL,       -- unsigned 64 bits: printf('%u', seed)
  draws INTEGER NOT NULL,      -- how often it counts
  score REAL NOT NULL,
  steps INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  ending INTEGER NOT NULL,     -- 0: the task ended it, 1: cut off by the step cap,
                               -- 2: invalid, the simulation broke down
  descriptor BLOB NOT NULL,    -- behaviour at the end; on Atari the 128 bytes of RAM
  PRIMARY KEY (generation, round, idx, noops, seed)
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS cloud (  -- trials of members of a cloud, one after the other
  generation INTEGER NOT NULL,
  round TEXT NOT NULL,
  idx INTEGER NOT NULL,        -- of the first one
  members INTEGER NOT NULL,    -- how many
  data BLOB NOT NULL,          -- what trial and episode hold of others; packed by zlib
  PRIMARY KEY (generation, round, idx)
) STRICT;

CREATE TABLE IF NOT EXISTS centre (  -- of an evolution strategy, as a generation left it: some
  generation INTEGER NOT NULL,
  item INTEGER NOT NULL,       -- 2147483648 + member of the meta-population
  policy BLOB NOT NULL,        -- 32-bit floats, little-endian: parameters, then means and 1 /
                               -- deviations of normalised observations
  PRIMARY KEY (generation, item)
) STRICT;

CREATE TABLE IF NOT EXISTS centre_update (  -- what the update of a centre that is kept remembers
  generation INTEGER NOT NULL,
  item INTEGER NOT NULL,
  state BLOB NOT NULL,
  PRIMARY KEY (generation, item)
) STRICT;

CREATE TABLE IF NOT EXISTS centre_move (  -- how a centre that is not in `centre` was made
  generation INTEGER NOT NULL,
  item INTEGER NOT NULL,
  from_generation INTEGER NOT NULL,  -- the same one before
  recipe BLOB NOT NULL,              -- scores of the members, then the normaliser
  PRIMARY KEY (generation, item)
) STRICT;

CREATE TABLE IF NOT EXISTS attachment (  -- what the run was made with, beside its configuration
  name TEXT PRIMARY KEY,
  data BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS generation (  -- finished ones
  generation INTEGER PRIMARY KEY,
  digest TEXT NOT NULL,        -- 16 hexadecimal digits, of everything it computed
  elite BLOB NOT NULL          -- the encoded genome
) STRICT;

CREATE TABLE IF NOT EXISTS metric (
  generation INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (generation, name)
) WITHOUT ROWID, STRICT;

CREATE TABLE IF NOT EXISTS checkpoint (  -- how to go on; the newest two
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  next_generation INTEGER NOT NULL,
  state BLOB NOT NULL,
  checksum TEXT NOT NULL       -- FNV-1a of next_generation (4 bytes, little-endian) and state
) STRICT;

CREATE TABLE IF NOT EXISTS log (  -- results of rounds that are in no commit yet
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  generation INTEGER NOT NULL,
  round INTEGER NOT NULL,      -- which one of its generation, from 0
  plan TEXT NOT NULL,          -- 16 hexadecimal digits, a digest of it
  seconds REAL NOT NULL,       -- that the run took since the entry before
  results BLOB NOT NULL        -- docs/formats-wire.md
) STRICT;

CREATE TABLE IF NOT EXISTS rank (  -- processes of the last start, where it had several
  rank INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  threads INTEGER NOT NULL,
  lost INTEGER NOT NULL,           -- 1: it died
  shares INTEGER NOT NULL,         -- of rounds that it played
  busy_seconds REAL NOT NULL,      -- summed over its threads
  seconds REAL NOT NULL,           -- since it began
  silent_seconds REAL NOT NULL     -- since it last said something, where it should
) STRICT;

CREATE VIEW IF NOT EXISTS generations AS
SELECT generation,
       max(value) FILTER (WHERE name = 'fitness_max') AS fitness_max,
       max(value) FILTER (WHERE name = 'fitness_mean') AS fitness_mean,
       max(value) FILTER (WHERE name = 'fitness_median') AS fitness_median,
       max(value) FILTER (WHERE name = 'elite_validation') AS elite_validation,
       max(value) FILTER (WHERE name = 'elite_test') AS elite_test,
       max(value) FILTER (WHERE name = 'steps_total') AS steps_total,
       max(value) FILTER (WHERE name = 'frames_total') AS frames_total,
       max(value) FILTER (WHERE name = 'steps_per_second') AS steps_per_second,
       max(value) FILTER (WHERE name = 'wall_seconds') AS wall_seconds
FROM generation LEFT JOIN metric USING (generation)
GROUP BY generation;
)sql";

struct Table {
  const char* name;
  uint32_t since;  // schema version
};
constexpr Table kTableNames[] = {
    {"run", 1},         {"trial", 1},  {"episode", 1},    {"generation", 1}, {"metric", 1},
    {"checkpoint", 1},  {"centre", 2}, {"attachment", 2}, {"log", 3},        {"centre_update", 3},
    {"centre_move", 3}, {"rank", 4},   {"cloud", 5}};

uint32_t ReadPragma(const Database& database, const char* sql) {
  Statement query(database, sql);
  return query.Next() ? query.Unsigned32(0) : 0;
}

uint64_t SeedFromText(const Database& database, const std::string& text) {
  uint64_t seed = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, seed);
  if (failure != std::errc() || stop != end) {
    database.FailDamaged("the run's seed is '" + text + "'");
  }
  return seed;
}

}  // namespace

namespace {

void MakeTables(const Database& database) {
  database.Execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
  database.Execute(kTables);
}

}  // namespace

void MakeSchema(const Database& database, const RunInfo& info) {
  database.Execute("PRAGMA synchronous = FULL");
  Transaction transaction(database, Transaction::Kind::kWrite);
  database.Execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  MakeTables(database);
  Statement insert(database, "INSERT INTO run VALUES (?1, ?2)");
  insert.Run("config", info.config);
  insert.Run("dne_version", info.dne_version);
  insert.Run("build", info.build);
  insert.Run("math", info.math);
  insert.Run("architecture", info.architecture);
  insert.Run("machine", info.machine);
  insert.Run("seed", std::to_string(info.seed));
  insert.Run("created", info.created);
  Statement attach(database, "INSERT INTO attachment VALUES (?1, ?2)");
  for (const auto& [name, data] : info.attachments) attach.Run(name, data);
  transaction.Commit();
}

void RaiseSchema(const Database& database) {
  Transaction transaction(database, Transaction::Kind::kWrite);
  MakeTables(database);
  transaction.Commit();
}

uint32_t CheckSchema(const Database& database) {
  const std::string path = database.path().string();
  if (ReadPragma(database, "PRAGMA application_id") != kApplicationId) {
    throw Error(path + " is not a run of dne (its SQLite application_id is another one): name a " +
                "folder that a run of dne made");
  }
  const uint32_t version = ReadPragma(database, "PRAGMA user_version");
  if (version > kSchemaVersion) {
    throw Error(path + " was written by a newer dne (schema " + std::to_string(version) +
                ", this one knows up to " + std::to_string(kSchemaVersion) +
                "): use the newer dne");
  }
  if (version == 0) database.FailDamaged("no schema version");
  std::set<std::string> found;
  Statement query(database, "SELECT name FROM sqlite_schema WHERE type = 'table'");
  while (query.Next()) found.insert(query.Text(0));
  for (const Table& table : kTableNames) {
    if (version < table.since || found.contains(table.name)) continue;
    database.FailDamaged(std::string("no table ") + table.name);
  }
  return version;
}

RunInfo ReadRunInfo(const Database& database, uint32_t version) {
  std::map<std::string, std::vector<uint8_t>> attachments;
  if (version >= 2) {
    Statement query(database, "SELECT name, data FROM attachment");
    while (query.Next()) attachments[query.Text(0)] = query.Bytes(1);
  }
  const auto find = [&](const char* key) -> std::optional<std::string> {
    Statement query(database, "SELECT value FROM run WHERE key = ?1");
    query.BindAll(key);
    return query.Next() ? std::optional(query.Text(0)) : std::nullopt;
  };
  const auto value = [&](const char* key) {
    std::optional<std::string> found = find(key);
    if (!found) database.FailDamaged(std::string("no ") + key + " in table run");
    return *std::move(found);
  };
  return {.config = value("config"),
          .dne_version = value("dne_version"),
          .build = value("build"),
          .math = find("math").value_or(""),
          .architecture = find("architecture").value_or("x86_64"),  // the only one there was
          .machine = value("machine"),
          .seed = SeedFromText(database, value("seed")),
          .created = value("created"),
          .attachments = std::move(attachments)};
}

}  // namespace dne
