// SPDX-License-Identifier: MIT
#include "dne/cluster/serve.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/parallel.h"
#include "dne/cluster/centre_library.h"
#include "dne/cluster/looking_pace.h"
#include "dne/cluster/messages.h"
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/round.h"
#include "dne/evaluate/workers.h"
#include "dne/plan/wire.h"

namespace dne {
namespace {

constexpr int kRankZero = 0;

// What the threads of this rank still have to play, and what they have played. Thread-safe.
class Inbox {
 public:
  void Push(ShareMessage share) {
    const std::lock_guard lock(mutex_);
    shares_.push_back(std::move(share));
    changed_.notify_one();
  }

  // Waits; none once it is closed.
  std::optional<ShareMessage> Pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_closed_ || !shares_.empty(); });
    if (is_closed_) return std::nullopt;
    ShareMessage share = std::move(shares_.front());
    shares_.pop_front();
    return share;
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
  }

  void Finish(RankMessage answer) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(answer));
  }
  std::vector<RankMessage> TakeAnswers() {
    const std::lock_guard lock(mutex_);
    return std::exchange(answers_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ShareMessage> shares_;
  std::vector<RankMessage> answers_;
  bool is_closed_ = false;
};

// The exception in flight.
FailedMessage Failure() {
  try {
    throw;
  } catch (const BugError& error) {
    return {.is_bug = true, .text = error.what()};
  } catch (const std::bad_alloc&) {
    return {.is_bug = false, .text = "out of memory: use fewer --threads, or fewer ranks a node"};
  } catch (const std::exception& error) {
    return {.is_bug = false, .text = error.what()};
  }
}

// What a rank is once it knows what it evaluates.
class Server {
 public:
  Server(std::unique_ptr<RankSetup> setup, const EvaluatorOptions& options)
      : setup_(std::move(setup)),
        clock_(options.clock),
        library_(setup_->source()),
        workers_(setup_->task(), options, watch_) {
    for (Centre& centre : setup_->FirstCentres()) {
      const Birth birth = centre.birth;
      library_.Add({std::move(centre), setup_->source()->UpdateState(birth)});
    }
  }

  CentreLibrary& library() { return library_; }

  // A plan's items come with its shares.
  void Take(const PlanMessage& message) {
    number_ = message.number;
    plan_ = DecodePlan(message.plan);
    plan_.items.assign(message.num_items, {});
    has_item_.assign(message.num_items, false);
    is_held_ = false;
  }
  uint64_t number() const { return number_; }
  std::vector<Birth> Missing() { return library_.Supply(plan_); }

  // Once no centre is missing: blocks while parents are decoded.
  void Hold() {
    KeepExperienced();
    workers_.Hold(plan_, memory_);
    is_held_ = true;
  }
  bool is_held() const { return is_held_; }
  // The plan is over.
  void Release() { is_held_ = false; }

  // Of the plan that is held. Notes its items.
  void Note(const ShareMessage& share) {
    const Plan part = DecodePlan(share.part);
    size_t next = 0;
    std::optional<uint32_t> last;
    for (const Job& job : share.jobs) {
      if (last == job.item) continue;
      last = job.item;
      if (job.item >= plan_.items.size() || next >= part.items.size()) {
        throw BugError("a share's items do not fit its plan");
      }
      const Item& item = part.items[next++];
      if (has_item_[job.item]) continue;
      plan_.items[job.item] = item;
      has_item_[job.item] = true;
    }
  }

  size_t num_threads() const { return workers_.size(); }
  Watch& watch() { return watch_; }

  // On one of the threads.
  RankMessage Play(size_t thread, const ShareMessage& share) {
    const double start = clock_();
    DoneMessage done{.plan = share.plan, .share = share.share, .seconds = 0, .results = {}};
    try {
      workers_[thread].Run(plan_, share.jobs,
                           [&](JobResult result) { done.results.push_back(std::move(result)); });
    } catch (...) {
      return Failure();
    }
    done.seconds = clock_() - start;
    return done;
  }

  // What later plans' mutations may look at, if this rank is asked for them.
  void Remember(const DoneMessage& done) {
    for (const JobResult& result : done.results) {
      const Item& item = plan_.items[result.item];
      for (size_t i = 0; i < result.played.notes.size(); ++i) {
        if (result.played.notes[i].experience.empty()) continue;
        memory_.Add(item.genome.birth(), {.episode = result.played.episodes[i],
                                          .notes = result.played.notes[i],
                                          .how = OptionsOf(setup_->task(), plan_, item)});
      }
    }
  }

 private:
  void KeepExperienced() {
    std::set<Birth> parents;
    for (const Genome& parent : plan_.parents) parents.insert(parent.birth());
    memory_.KeepOnly(parents);
  }

  std::unique_ptr<RankSetup> setup_;
  Clock clock_;
  Watch watch_;
  CentreLibrary library_;
  EpisodeMemory memory_;
  Workers workers_;
  uint64_t number_ = 0;
  Plan plan_;
  std::vector<bool> has_item_;
  bool is_held_ = false;
};

// Takes messages and does what they say, one after the other.
class Rank {
 public:
  Rank(Transport& transport, const ServeOptions& options)
      : transport_(transport), options_(options), pace_(options.clock) {}

  bool Go() {
    Send(HelloMessage{options_.program, options_.host});
    while (!has_ended_) {
      if (server_ && server_->is_held()) {
        PlayShares();
      } else if (auto message = Next()) {
        Take(std::move(*message));
      } else {
        std::this_thread::sleep_for(pace_.Period());
      }
    }
    return !transport_.Lost().contains(kRankZero);
  }

 private:
  void Send(const RankMessage& message) {
    transport_.Send(kRankZero,
                    std::make_shared<const std::vector<uint8_t>>(EncodeMessage(message)));
  }

  // Rank 0's next message, or the end where it is lost.
  std::optional<RankMessage> Next() {
    if (waiting_) return std::exchange(waiting_, std::nullopt);
    if (const auto message = transport_.Receive()) {
      pace_.SomethingCame();
      return DecodeMessage(message->bytes);
    }
    if (transport_.Lost().contains(kRankZero)) return EndMessage{};
    return std::nullopt;
  }

  void Take(RankMessage message) {
    std::visit([this](auto& content) { On(content); }, message);
  }

  void On(BeginMessage& begin) {
    ReadyMessage ready;
    try {
      EvaluatorOptions compute{.threads = begin.threads,
                               .isa = begin.isa.empty() ? BestIsa() : ParseIsa(begin.isa),
                               .clock = options_.clock};
      if (compute.threads == 0) {
        compute.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
      }
      server_ = std::make_unique<Server>(options_.make_setup(begin.setup, compute), compute);
      ready.threads = static_cast<uint32_t>(compute.threads);
    } catch (const std::exception&) {
      ready.mistake = Failure().text;
    }
    Send(ready);
  }

  void On(PlanMessage& plan) {
    shares_.clear();
    server_->Take(plan);
    HoldIfComplete();
    if (server_->is_held()) return;
    for (const Birth centre : server_->Missing()) Send(WantCentreMessage{centre});
  }

  void On(CentreMessage& centre) {
    server_->library().Add(std::move(centre.whole));
    HoldIfComplete();
  }

  void HoldIfComplete() {
    if (server_->is_held() || !server_->Missing().empty()) return;
    try {
      server_->Hold();
    } catch (const std::exception&) {
      Send(Failure());
    }
  }

  void On(MoveMessage& move) {
    try {
      server_->library().Move(move.move);
    } catch (const std::exception&) {
      Send(Failure());
    }
  }

  // Before its plan is held.
  void On(ShareMessage& share) { shares_.push_back(std::move(share)); }
  void On(DropMessage&) {
    shares_.clear();
    Send(HereMessage{});
  }
  void On(EndMessage&) { has_ended_ = true; }
  template <class Other>
  void On(Other&) {
    throw BugError("rank 0 sent what only other ranks send");
  }

  // Until something else than a share of the plan comes, which then waits.
  void PlayShares() {
    Inbox inbox;
    for (const ShareMessage& share : shares_) Hand(share, inbox);
    shares_.clear();
    server_->watch().cancel = false;
    const auto stop = [&] {
      server_->watch().cancel = true;
      inbox.Close();
    };
    const auto tick = [&] {
      try {
        if (!Exchange(inbox)) stop();
      } catch (...) {
        stop();
        throw;
      }
    };
    const auto play = [&](size_t thread, size_t) {
      while (const auto share = inbox.Pop()) inbox.Finish(server_->Play(thread, *share));
    };
    RunJobs(server_->num_threads(), server_->num_threads(), play,
            {.tick = tick, .period = [this] { return pace_.Period(); }});
    server_->Release();
  }

  // False once the plan is over.
  bool Exchange(Inbox& inbox) {
    for (const RankMessage& answer : inbox.TakeAnswers()) Answer(answer);
    while (!waiting_) {
      auto message = Next();
      if (!message) return true;
      if (const auto* share = std::get_if<ShareMessage>(&*message)) {
        Hand(*share, inbox);
      } else {
        waiting_ = std::move(message);
      }
    }
    return false;
  }

  void Hand(const ShareMessage& share, Inbox& inbox) {
    if (share.plan != server_->number()) return;
    server_->Note(share);
    inbox.Push(share);
  }

  void Answer(const RankMessage& answer) {
    if (server_->watch().cancel) return;  // half played
    if (const auto* done = std::get_if<DoneMessage>(&answer)) server_->Remember(*done);
    pace_.SomethingCame();
    Send(answer);
  }

  Transport& transport_;
  const ServeOptions& options_;
  LookingPace pace_;
  std::unique_ptr<Server> server_;
  std::vector<ShareMessage> shares_;    // of a plan that is not held yet
  std::optional<RankMessage> waiting_;  // came while shares were played
  bool has_ended_ = false;
};

}  // namespace

bool Serve(Transport& transport, const ServeOptions& options) {
  return Rank(transport, options).Go();
}

}  // namespace dne
