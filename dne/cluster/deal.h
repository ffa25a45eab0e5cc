// SPDX-License-Identifier: MIT
// Who plays which share of a round. Shares go to whoever comes free; those of a lost rank go back;
// one that is overdue is given to another as well, since whoever ends first has the same result: a
// slow or silent rank holds up nobody.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "dne/evaluate/evaluator.h"

namespace dne {

// Thread-safe.
class Deal {
 public:
  // `order`: all shares, the one to be dealt first first. `longest`: seconds that a share has taken
  // in earlier rounds; 0: not known.
  Deal(const std::vector<size_t>& order, Clock clock, double longest = 0);

  // For a rank that has room: the next share that nobody has.
  std::optional<size_t> Take(int rank);
  // For one that has nothing to do: a share that is overdue elsewhere. Looks at all of them.
  std::optional<size_t> TakeOverdue(int rank);
  // Waits for the one or the other; none once all are done or the deal is stopped.
  std::optional<size_t> TakeOrWait(int rank);

  // True for the first rank that says so; `seconds` is what the share took it.
  bool Complete(size_t share, double seconds);
  // What a lost rank had and nobody else has is dealt again.
  void GiveBack(int rank);
  // Whoever waits is sent home.
  void Stop();

  bool all_done() const;
  size_t num_undealt() const;
  // Of one share, so far; 0 while none is done.
  double mean_seconds() const;
  double longest_seconds() const;

 private:
  struct Share {
    std::vector<int> holders;
    double dealt_at = 0;  // last
    bool is_done = false;
  };
  std::optional<size_t> Next();
  std::optional<size_t> Overdue(int rank) const;
  std::optional<size_t> Hand(std::optional<size_t> share, int rank);

  const Clock clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Share> shares_;
  std::deque<size_t> undealt_;
  size_t num_done_ = 0;
  double sum_seconds_ = 0;
  double longest_;
  bool is_stopped_ = false;
};

}  // namespace dne
