// SPDX-License-Identifier: MIT
// Ranks as threads of one process, whose messages and deaths a test sees and commands.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "dne/cluster/messages.h"
#include "dne/cluster/transport.h"

namespace dne {

class Hub {
 public:
  struct Killed {};

  explicit Hub(int size) : inboxes_(static_cast<size_t>(size)), states_(static_cast<size_t>(size)) {
    for (int i = 0; i < size; ++i)
      transports_.push_back(std::make_unique<LocalTransport>(*this, i));
  }

  Transport& of(int rank) { return *transports_[static_cast<size_t>(rank)]; }

  // As SIGKILL does: the rank says and hears nothing any more, and the others learn of it.
  void Kill(int rank) { state(rank) = kDead; }
  // As SIGSTOP and SIGCONT do.
  void Freeze(int rank) { state(rank) = kFrozen; }
  void Thaw(int rank) { state(rank) = kAlive; }

  // Called with each message that is sent, on the sender's thread.
  std::function<void(int from, int to, const RankMessage&)> on_message;
  // How many messages of the kind were sent.
  template <class Kind>
  int Count() {
    const std::lock_guard lock(mutex_);
    return counts_[RankMessage(Kind{}).index()];
  }

 private:
  enum State { kAlive, kFrozen, kDead };

  class LocalTransport final : public Transport {
   public:
    LocalTransport(Hub& hub, int rank) : hub_(hub), rank_(rank) {}
    int rank() const override { return rank_; }
    int size() const override { return static_cast<int>(hub_.inboxes_.size()); }
    void Send(int to, MessageBytes bytes) override {
      LiveOn();
      const RankMessage message = DecodeMessage(*bytes);
      if (hub_.on_message) hub_.on_message(rank_, to, message);
      const std::lock_guard lock(hub_.mutex_);
      ++hub_.counts_[message.index()];
      hub_.inboxes_[static_cast<size_t>(to)].push_back({rank_, *bytes});
    }
    std::optional<Message> Receive() override {
      LiveOn();
      const std::lock_guard lock(hub_.mutex_);
      auto& inbox = hub_.inboxes_[static_cast<size_t>(rank_)];
      if (inbox.empty()) return std::nullopt;
      Message message = std::move(inbox.front());
      inbox.pop_front();
      return message;
    }
    std::set<int> Lost() override {
      std::set<int> lost;
      for (int i = 0; i < size(); ++i) {
        if (hub_.state(i) == kDead) lost.insert(i);
      }
      return lost;
    }

   private:
    void LiveOn() {
      while (hub_.state(rank_) == kFrozen)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (hub_.state(rank_) == kDead) throw Killed();
    }

    Hub& hub_;
    const int rank_;
  };

  std::atomic<State>& state(int rank) { return states_[static_cast<size_t>(rank)]; }

  std::mutex mutex_;
  std::vector<std::deque<Message>> inboxes_;
  std::vector<std::atomic<State>> states_;
  std::vector<std::unique_ptr<LocalTransport>> transports_;
  std::map<size_t, int> counts_;
};

}  // namespace dne
