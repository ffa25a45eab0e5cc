// SPDX-License-Identifier: MIT
// Between the generation loop and its store. Finished jobs go into the store's log every few
// seconds; finished rounds are gathered and go into commits, a second's worth or more. After a kill
// the log brings back the rounds since the last commit and what is finished of the one in work: the
// algorithm plans them again, and their results are there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dne/evaluate/evaluator.h"
#include "dne/store/run_writer.h"

namespace dne {

// When to write again: after `least` seconds, after more where writing takes more than a hundredth
// of the time, after `most` at the latest.
class WritingPace {
 public:
  WritingPace(double least, double most, double now)
      : least_(least), most_(most), due_(now + least) {}

  bool IsDue(double now) const { return now >= due_; }
  void Wrote(double start, double end);

 private:
  double least_;
  double most_;
  double due_;
};

class Recorder final : public Journal {
 public:
  // Reads what an earlier process logged. The writer must outlive it.
  Recorder(RunWriter& writer, Clock clock);

  // Before a plan runs with this journal; `round`: which one of its generation, from 0.
  void Begin(const Plan& plan, uint32_t round);
  std::vector<JobResult> Kept(const Plan& plan) override;
  void Keep(std::vector<JobResult> results) override;

  // Of the round in work, so far: those of this process, and those that an earlier one logged.
  double Seconds() const;

  // A round has ended: what is to be committed of it, without a state.
  void Add(Commit round);
  // Also before a round of which there are the last results in the log: where the algorithm fails
  // in it, every round before is committed.
  bool IsCommitDue() const;
  // Commits the rounds added since the last time, then logs what is left. `state` is what follows
  // from the last of them, `ranks` how the processes stand.
  void Write(const std::string& state, std::vector<RankReport> ranks = {});
  void WriteLog();

 private:
  // Results of one round that are neither logged nor committed.
  struct Unlogged {
    LogEntry entry;  // without them
    std::vector<JobResult> results;
  };

  RunWriter& writer_;
  Clock clock_;
  std::vector<LogEntry> earlier_;  // of an earlier process, of rounds that have not begun again

  LogEntry round_in_work_;  // no results
  std::vector<JobResult> kept_;
  double kept_seconds_ = 0;
  double round_start_;
  double last_keep_;  // when results came last, or the round began

  std::vector<Unlogged> unlogged_;
  WritingPace log_pace_;
  std::optional<Commit> gathered_;
  WritingPace commit_pace_;
};

}  // namespace dne
