// SPDX-License-Identifier: MIT
#include "dne/experiment/recorder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dne/base/digest.h"
#include "dne/plan/wire.h"

namespace dne {
namespace {

// Seconds.
constexpr double kLogEvery = 2;
constexpr double kLogAtTheLatest = 10;
constexpr double kCommitEvery = 1;
constexpr double kCommitAtTheLatest = 60;
constexpr double kRestPerWriting = 100;  // seconds a second

uint64_t DigestOf(const Plan& plan) {
  Digest digest;
  digest.AddBytes(EncodePlan(plan));
  return digest.value();
}

// (generation, round).
using RoundNumber = std::pair<uint32_t, uint32_t>;
RoundNumber NumberOf(const LogEntry& entry) { return {entry.generation, entry.round}; }
RoundNumber NextOf(const Commit& commit) { return {commit.next_generation, commit.next_round}; }

template <class T>
void Append(std::vector<T> more, std::vector<T>& list) {
  list.insert(list.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

}  // namespace

void WritingPace::Wrote(double start, double end) {
  due_ = end + std::clamp(kRestPerWriting * (end - start), least_, most_);
}

Recorder::Recorder(RunWriter& writer, Clock clock)
    : writer_(writer),
      clock_(std::move(clock)),
      earlier_(writer.Logged()),
      round_start_(clock_()),
      last_keep_(round_start_),
      log_pace_(kLogEvery, kLogAtTheLatest, round_start_),
      commit_pace_(kCommitEvery, kCommitAtTheLatest, round_start_) {}

void Recorder::Begin(const Plan& plan, uint32_t round) {
  round_in_work_ = {
      .generation = plan.generation, .round = round, .plan = DigestOf(plan), .results = {}};
  kept_.clear();
  kept_seconds_ = 0;
  for (const LogEntry& entry : earlier_) {
    if (NumberOf(entry) != NumberOf(round_in_work_) || entry.plan != round_in_work_.plan) continue;
    Append(DecodeJobResults(entry.results), kept_);
    kept_seconds_ += entry.seconds;
  }
  std::erase_if(earlier_,
                [&](const LogEntry& entry) { return NumberOf(entry) <= NumberOf(round_in_work_); });
}

std::vector<JobResult> Recorder::Kept(const Plan&) { return std::move(kept_); }

void Recorder::Keep(std::vector<JobResult> results) {
  const double now = clock_();
  if (unlogged_.empty() || NumberOf(unlogged_.back().entry) != NumberOf(round_in_work_)) {
    unlogged_.push_back({.entry = round_in_work_, .results = {}});
  }
  unlogged_.back().entry.seconds += now - std::exchange(last_keep_, now);
  Append(std::move(results), unlogged_.back().results);
  if (log_pace_.IsDue(now)) WriteLog();
}

double Recorder::Seconds() const { return clock_() - round_start_ + kept_seconds_; }

void Recorder::Add(Commit round) {
  round_start_ = last_keep_ = clock_();
  if (!gathered_) gathered_.emplace();
  Append(std::move(round.trials), gathered_->trials);
  Append(std::move(round.centres), gathered_->centres);
  Append(std::move(round.moves), gathered_->moves);
  Append(std::move(round.generations), gathered_->generations);
  gathered_->next_generation = round.next_generation;
  gathered_->next_round = round.next_round;
}

bool Recorder::IsCommitDue() const {
  if (!gathered_) return false;
  const bool is_last_logged = !earlier_.empty() && NumberOf(earlier_.back()) == NextOf(*gathered_);
  return is_last_logged || commit_pace_.IsDue(clock_());
}

void Recorder::Write(const std::string& state, std::vector<RankReport> ranks) {
  if (gathered_) {
    const double start = clock_();
    gathered_->state = state;
    gathered_->ranks = std::move(ranks);
    writer_.Write(*gathered_);
    std::erase_if(unlogged_, [&](const Unlogged& results) {
      return NumberOf(results.entry) < NextOf(*gathered_);
    });
    gathered_.reset();
    commit_pace_.Wrote(start, clock_());
  }
  WriteLog();
}

void Recorder::WriteLog() {
  const double start = clock_();
  for (Unlogged& results : unlogged_) {
    results.entry.results = EncodeJobResults(results.results);
    writer_.Log(results.entry);
  }
  if (!unlogged_.empty()) log_pace_.Wrote(start, clock_());
  unlogged_.clear();
}

}  // namespace dne
