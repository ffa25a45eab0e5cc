// SPDX-License-Identifier: MIT
#include <charconv>
#include <span>

#include "dne/base/bytes.h"
#include "dne/base/digest.h"
#include "dne/base/error.h"
#include "dne/store/packed_trials.h"
#include "dne/store/sqlite_run_store.h"

namespace dne {
namespace {

// The double a person would write for this float: 0.002 rather than 0.0020000000949949026.
double Readable(float value) {
  char text[32];
  const auto written = std::to_chars(text, text + sizeof text, value);
  double readable = value;
  std::from_chars(text, written.ptr, readable);
  return static_cast<float>(readable) == value ? readable : value;
}

}  // namespace

std::string ToHex(uint64_t value) {
  std::string text(16, '0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
  return text;
}

uint64_t ChecksumOf(const Checkpoint& checkpoint) {
  Digest digest;
  digest.Add(checkpoint.next_generation);
  digest.AddText(checkpoint.state);
  return digest.value();
}

void SqliteRunStore::Write(const Commit& commit) {
  DNE_CHECK(lock_.has_value());
  Transaction transaction(database_, Transaction::Kind::kWrite);
  WriteTrials(commit.trials);
  WriteCentres(commit);
  for (const GenerationRecord& record : commit.generations) WriteGeneration(record);
  WriteRanks(commit.ranks);
  WriteCheckpoint({commit.next_generation, commit.state});
  Statement(database_, "DELETE FROM log WHERE (generation, round) < (?1, ?2)")
      .Run(commit.next_generation, commit.next_round);
  transaction.Commit();
}

void SqliteRunStore::Log(const LogEntry& entry) {
  DNE_CHECK(lock_.has_value());
  Statement(database_,
            "INSERT INTO log (generation, round, plan, seconds, results) VALUES (?1, ?2, ?3, ?4, "
            "?5)")
      .Run(entry.generation, entry.round, ToHex(entry.plan), entry.seconds, entry.results);
}

void SqliteRunStore::WriteTrials(std::span<const TrialRecord> trials) {
  Statement add_cloud(database_, "INSERT INTO cloud VALUES (?1, ?2, ?3, ?4, ?5)");
  Statement add_trial(database_,
                      "INSERT INTO trial VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                      "?12, ?13)");
  Statement add_episode(
      database_, "INSERT INTO episode VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
  while (!trials.empty()) {
    const TrialRecord& trial = trials.front();
    if (const size_t members = CountMembers(trials); members > 0) {
      add_cloud.Run(trial.generation, trial.round, trial.index, members,
                    PackTrials(trials.first(members)));
      trials = trials.subspan(members);
      continue;
    }
    trials = trials.subspan(1);
    DNE_CHECK(trial.draws.size() == trial.episodes.size());
    uint64_t counted = 0;
    for (size_t i = 0; i < trial.episodes.size(); ++i) {
      const Episode& episode = trial.episodes[i];
      counted += trial.draws[i];
      add_episode.Run(trial.generation, trial.round, trial.index, episode.start.noops,
                      episode.start.seed_code(), trial.draws[i], episode.score, episode.steps,
                      episode.frames, static_cast<uint8_t>(episode.end), episode.descriptor);
    }
    std::optional<uint32_t> parent_generation;
    std::optional<uint32_t> parent_item;
    if (trial.parent) {
      parent_generation = trial.parent->generation;
      parent_item = trial.parent->code();
    }
    const float sigma = trial.mirrored ? -trial.sigma : trial.sigma;
    add_trial.Run(trial.generation, trial.round, trial.index, trial.individual.generation,
                  trial.individual.code(), parent_generation, parent_item, Readable(sigma),
                  trial.fitness, trial.steps, trial.frames, counted, trial.episodes.size());
  }
}

void SqliteRunStore::WriteCentres(const Commit& commit) {
  Statement add_centre(database_, "INSERT INTO centre VALUES (?1, ?2, ?3)");
  Statement add_update(database_, "INSERT INTO centre_update VALUES (?1, ?2, ?3)");
  for (const WholeCentre& whole : commit.centres) {
    const Birth birth = whole.centre.birth;
    add_centre.Run(birth.generation, birth.code(), BytesOfFloats(*whole.centre.parameters));
    add_update.Run(birth.generation, birth.code(), whole.update);
  }
  Statement add_move(database_, "INSERT INTO centre_move VALUES (?1, ?2, ?3, ?4)");
  for (const CentreMove& move : commit.moves) {
    DNE_CHECK(move.from.code() == move.centre.code());
    add_move.Run(move.centre.generation, move.centre.code(), move.from.generation, move.recipe);
  }
}

void SqliteRunStore::WriteGeneration(const GenerationRecord& record) {
  Statement(database_, "INSERT INTO generation VALUES (?1, ?2, ?3)")
      .Run(record.generation, ToHex(record.digest), record.elite);
  Statement add_metric(database_, "INSERT INTO metric VALUES (?1, ?2, ?3)");
  for (const auto& [name, value] : record.metrics) add_metric.Run(record.generation, name, value);
}

void SqliteRunStore::WriteRanks(const std::vector<RankReport>& ranks) {
  database_.Execute("DELETE FROM rank");
  Statement add(database_, "INSERT INTO rank VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  for (const RankReport& rank : ranks) {
    add.Run(rank.rank, rank.host, rank.threads, uint32_t{rank.is_lost}, rank.shares,
            rank.busy_seconds, rank.seconds, rank.silent_seconds);
  }
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

}  // namespace dne
