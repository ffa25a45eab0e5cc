// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <system_error>
#include <utility>

#include "dne/base/bytes.h"
#include "dne/base/error.h"
#include "dne/store/packed_trials.h"
#include "dne/store/sqlite_run_store.h"

namespace dne {
namespace {

uint64_t FromHex(const Database& database, const std::string& text) {
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value, 16);
  if (failure != std::errc() || stop != end) database.FailDamaged("the digest '" + text + "'");
  return value;
}

}  // namespace

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

std::vector<LogEntry> SqliteRunStore::Logged() const {
  std::vector<LogEntry> entries;
  if (version_ < 3) return entries;
  Statement query(database_,
                  "SELECT generation, round, plan, seconds, results FROM log ORDER BY id");
  while (query.Next()) {
    entries.push_back({.generation = query.Unsigned32(0),
                       .round = query.Unsigned32(1),
                       .plan = FromHex(database_, query.Text(2)),
                       .seconds = query.Real(3),
                       .results = query.Bytes(4)});
  }
  return entries;
}

std::vector<RankReport> SqliteRunStore::Ranks() const {
  std::vector<RankReport> ranks;
  if (version_ < 4) return ranks;
  Statement query(database_,
                  "SELECT rank, host, threads, lost, shares, busy_seconds, seconds, silent_seconds "
                  "FROM rank ORDER BY rank");
  while (query.Next()) {
    ranks.push_back({.rank = query.Unsigned32(0),
                     .host = query.Text(1),
                     .threads = query.Unsigned32(2),
                     .is_lost = query.Unsigned32(3) != 0,
                     .shares = query.Unsigned64(4),
                     .busy_seconds = query.Real(5),
                     .seconds = query.Real(6),
                     .silent_seconds = query.Real(7)});
  }
  return ranks;
}

std::optional<GenerationRecord> SqliteRunStore::LastGeneration() const {
  std::vector<GenerationRecord> last =
      ReadGenerations("(SELECT max(generation) FROM generation)", 1);
  if (last.empty()) return {};
  return std::move(last.back());
}

std::vector<GenerationRecord> SqliteRunStore::ReadGenerations(const std::string& first,
                                                              uint32_t stride) const {
  Transaction moment(database_, Transaction::Kind::kRead);
  std::vector<GenerationRecord> records;
  Statement generations(
      database_, "SELECT generation, digest, elite FROM generation WHERE generation >= " + first +
                     " AND generation % " + std::to_string(stride) + " = 0 ORDER BY generation");
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

std::optional<CentreHistory> SqliteRunStore::HistoryOf(Birth centre) const {
  Transaction moment(database_, Transaction::Kind::kRead);
  CentreHistory history;
  Birth at = centre;
  while (!FindWhole(at, history.whole)) {
    std::optional<CentreMove> move = FindMove(at);
    if (!move && at == centre) return {};
    if (!move || move->from.generation >= at.generation) {
      database_.FailDamaged("what a centre was moved from is missing");
    }
    at = move->from;
    history.moves.push_back(*std::move(move));
  }
  std::ranges::reverse(history.moves);
  return history;
}

bool SqliteRunStore::FindWhole(Birth centre, WholeCentre& whole) const {
  if (version_ < 2) return false;
  Statement query(database_, "SELECT policy FROM centre WHERE generation = ?1 AND item = ?2");
  query.BindAll(centre.generation, centre.code());
  if (!query.Next()) return false;
  const std::vector<uint8_t> bytes = query.Bytes(0);
  if (bytes.size() % sizeof(float) != 0) database_.FailDamaged("the length of a centre's policy");
  whole.centre = {centre, std::make_shared<const std::vector<float>>(FloatsFromBytes(bytes))};
  if (version_ < 3) return true;
  Statement update(database_,
                   "SELECT state FROM centre_update WHERE generation = ?1 AND item = ?2");
  update.BindAll(centre.generation, centre.code());
  if (update.Next()) whole.update = update.Bytes(0);  // none: an older version kept it
  return true;
}

std::optional<CentreMove> SqliteRunStore::FindMove(Birth centre) const {
  if (version_ < 3) return {};
  Statement query(database_,
                  "SELECT from_generation, recipe FROM centre_move WHERE generation = ?1 AND item "
                  "= ?2");
  query.BindAll(centre.generation, centre.code());
  if (!query.Next()) return {};
  return CentreMove{.centre = centre,
                    .from = Birth::FromCode(query.Unsigned32(0), centre.code()),
                    .recipe = query.Bytes(1)};
}

namespace {

constexpr const char* kTrialColumns =
    "SELECT round, idx, individual_generation, individual_item, parent_generation, parent_item, "
    "sigma, fitness, steps, frames FROM trial ";

// The current row, without its episodes.
TrialRecord TrialOf(const Statement& query, uint32_t generation) {
  TrialRecord trial;
  trial.generation = generation;
  trial.round = query.Text(0);
  trial.index = query.Unsigned32(1);
  trial.individual = Birth::FromCode(query.Unsigned32(2), query.Unsigned32(3));
  if (!query.IsNull(4)) trial.parent = Birth::FromCode(query.Unsigned32(4), query.Unsigned32(5));
  const auto sigma = static_cast<float>(query.Real(6));
  trial.sigma = std::abs(sigma);
  trial.mirrored = sigma < 0;
  trial.fitness = query.Real(7);
  trial.steps = query.Unsigned64(8);
  trial.frames = query.Unsigned64(9);
  return trial;
}

}  // namespace

std::vector<TrialRecord> SqliteRunStore::Trials(uint32_t generation,
                                                const std::optional<std::string>& round,
                                                uint32_t stride) const {
  DNE_CHECK(stride >= 1);
  Transaction moment(database_, Transaction::Kind::kRead);
  std::vector<TrialRecord> trials;
  Statement query(
      database_, kTrialColumns + std::string("WHERE generation = ?1 AND (?2 IS NULL OR round = ?2) "
                                             "AND idx % ?3 = 0 ORDER BY round, idx"));
  query.BindAll(generation, round, stride);
  while (query.Next()) trials.push_back(TrialOf(query, generation));
  const Selection selection{.generation = generation, .round = round, .stride = stride};
  ReadEpisodes(selection, trials);
  ReadClouds(selection, trials);
  return trials;
}

std::optional<TrialRecord> SqliteRunStore::FindTrial(uint32_t generation, const std::string& round,
                                                     Birth individual) const {
  Transaction moment(database_, Transaction::Kind::kRead);
  if (auto trial = FindRow(generation, round, individual)) return trial;
  std::vector<TrialRecord> members;
  ReadClouds({.generation = generation, .round = round}, members);
  const auto found = std::ranges::find(members, individual, &TrialRecord::individual);
  if (found == members.end()) return {};
  return std::move(*found);
}

// The same of those that are in no cloud.
std::optional<TrialRecord> SqliteRunStore::FindRow(uint32_t generation, const std::string& round,
                                                   Birth individual) const {
  Statement query(database_,
                  kTrialColumns + std::string("WHERE generation = ?1 AND round = ?2 AND "
                                              "individual_generation = ?3 AND individual_item = ?4 "
                                              "ORDER BY idx LIMIT 1"));
  query.BindAll(generation, round, individual.generation, individual.code());
  if (!query.Next()) return {};
  std::vector<TrialRecord> found = {TrialOf(query, generation)};
  ReadEpisodes({.generation = generation, .round = round, .only = found.front().index}, found);
  return std::move(found.front());
}

void SqliteRunStore::ReadClouds(const Selection& selection,
                                std::vector<TrialRecord>& trials) const {
  if (version_ < 5) return;
  Statement query(database_,
                  "SELECT round, idx, members, data FROM cloud "
                  "WHERE generation = ?1 AND (?2 IS NULL OR round = ?2) ORDER BY round, idx");
  query.BindAll(selection.generation, selection.round);
  const size_t others = trials.size();
  while (query.Next()) {
    TrialRecord first;
    first.generation = selection.generation;
    first.round = query.Text(0);
    first.index = query.Unsigned32(1);
    try {
      UnpackTrials(query.Bytes(3), query.Unsigned32(2), first, trials);
    } catch (const Error&) {
      database_.FailDamaged("a cloud of generation " + std::to_string(selection.generation));
    }
  }
  const auto members = trials.begin() + static_cast<ptrdiff_t>(others);
  trials.erase(
      std::remove_if(members, trials.end(),
                     [&](const TrialRecord& trial) { return trial.index % selection.stride != 0; }),
      trials.end());
  if (others == 0 || others == trials.size()) return;
  std::ranges::inplace_merge(
      trials, trials.begin() + static_cast<ptrdiff_t>(others), {}, [](const TrialRecord& trial) {
        return std::pair<std::string_view, uint32_t>(trial.round, trial.index);
      });
}

// Both lists are in the order of round and index.
void SqliteRunStore::ReadEpisodes(const Selection& selection,
                                  std::vector<TrialRecord>& trials) const {
  // One trial's are found by the primary key. `seed < 0` first: seeds are unsigned.
  const std::string which =
      selection.only ? "round = ?2 AND idx = ?4 " : "(?2 IS NULL OR round = ?2) AND idx % ?3 = 0 ";
  Statement query(database_,
                  "SELECT round, idx, noops, seed, draws, score, steps, frames, ending, descriptor "
                  "FROM episode WHERE generation = ?1 AND " +
                      which + "ORDER BY round, idx, noops, seed < 0, seed");
  query.BindAll(selection.generation, selection.round, selection.stride, selection.only);
  size_t at = 0;
  while (query.Next()) {
    const std::pair key(query.Text(0), query.Unsigned32(1));
    while (at < trials.size() && std::pair(trials[at].round, trials[at].index) != key) ++at;
    if (at == trials.size()) database_.FailDamaged("an episode without its trial");
    const uint32_t ending = query.Unsigned32(8);
    if (ending > static_cast<uint32_t>(kLastEpisodeEnd)) {
      database_.FailDamaged("the ending " + std::to_string(ending) + " of an episode");
    }
    trials[at].episodes.push_back(
        {.start = EpisodeStart::FromCode(query.Unsigned32(2), query.Unsigned64(3)),
         .score = query.Real(5),
         .steps = query.Unsigned32(6),
         .frames = query.Unsigned64(7),
         .end = static_cast<EpisodeEnd>(ending),
         .descriptor = query.Bytes(9)});
    trials[at].draws.push_back(query.Unsigned32(4));
  }
}

}  // namespace dne
