// SPDX-License-Identifier: MIT
#include "dne/cluster/deal.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

// A share is overdue after so many times the longest one so far, and at least:
constexpr double kPatience = 3;
constexpr double kLeastPatience = 0.5;  // seconds
constexpr double kFirstPatience = 30;   // while none has ever ended
constexpr std::chrono::milliseconds kLookAgain{50};

}  // namespace

Deal::Deal(const std::vector<size_t>& order, Clock clock, double longest)
    : clock_(std::move(clock)),
      shares_(order.size()),
      undealt_(order.begin(), order.end()),
      longest_(longest) {}

std::optional<size_t> Deal::Take(int rank) {
  const std::lock_guard lock(mutex_);
  return Hand(Next(), rank);
}

std::optional<size_t> Deal::TakeOverdue(int rank) {
  const std::lock_guard lock(mutex_);
  return Hand(Overdue(rank), rank);
}

std::optional<size_t> Deal::TakeOrWait(int rank) {
  std::unique_lock lock(mutex_);
  while (!is_stopped_ && num_done_ < shares_.size()) {
    const auto share = undealt_.empty() ? Overdue(rank) : Next();
    if (share) return Hand(share, rank);
    changed_.wait_for(lock, kLookAgain);
  }
  return std::nullopt;
}

std::optional<size_t> Deal::Next() {
  if (undealt_.empty()) return std::nullopt;
  const size_t share = undealt_.front();
  undealt_.pop_front();
  return share;
}

// The one that was dealt first.
std::optional<size_t> Deal::Overdue(int rank) const {
  const double patience =
      longest_ == 0 ? kFirstPatience : std::max(kLeastPatience, kPatience * longest_);
  const double before = clock_() - patience;
  std::optional<size_t> found;
  for (size_t i = 0; i < shares_.size(); ++i) {
    const Share& share = shares_[i];
    if (share.is_done || share.holders.empty() || share.dealt_at > before) continue;
    if (std::ranges::find(share.holders, rank) != share.holders.end()) continue;
    if (!found || share.dealt_at < shares_[*found].dealt_at) found = i;
  }
  return found;
}

std::optional<size_t> Deal::Hand(std::optional<size_t> share, int rank) {
  if (!share) return std::nullopt;
  shares_[*share].holders.push_back(rank);
  shares_[*share].dealt_at = clock_();
  return share;
}

bool Deal::Complete(size_t share, double seconds) {
  const std::lock_guard lock(mutex_);
  DNE_CHECK(share < shares_.size());
  if (std::exchange(shares_[share].is_done, true)) return false;
  if (shares_[share].holders.empty()) std::erase(undealt_, share);  // an answer of a lost rank
  ++num_done_;
  sum_seconds_ += seconds;
  longest_ = std::max(longest_, seconds);
  if (num_done_ == shares_.size()) changed_.notify_all();
  return true;
}

void Deal::GiveBack(int rank) {
  const std::lock_guard lock(mutex_);
  for (size_t i = shares_.size(); i-- > 0;) {
    Share& share = shares_[i];
    if (std::erase(share.holders, rank) == 0 || share.is_done || !share.holders.empty()) continue;
    undealt_.push_front(i);
  }
  changed_.notify_all();
}

void Deal::Stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  changed_.notify_all();
}

bool Deal::all_done() const {
  const std::lock_guard lock(mutex_);
  return num_done_ == shares_.size();
}

size_t Deal::num_undealt() const {
  const std::lock_guard lock(mutex_);
  return undealt_.size();
}

double Deal::longest_seconds() const {
  const std::lock_guard lock(mutex_);
  return longest_;
}

double Deal::mean_seconds() const {
  const std::lock_guard lock(mutex_);
  return num_done_ == 0 ? 0 : sum_seconds_ / static_cast<double>(num_done_);
}

}  // namespace dne
