// SPDX-License-Identifier: MIT
#include "dne/cluster/cluster.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/parallel.h"
#include "dne/cluster/deal.h"
#include "dne/evaluate/episode_memory.h"
#include "dne/evaluate/round.h"
#include "dne/evaluate/workers.h"
#include "dne/plan/wire.h"

namespace dne {
namespace {

constexpr double kKeepPeriod = 0.1;      // seconds between two looks of the journal
constexpr double kOverduePeriod = 0.05;  // seconds between two looks for overdue shares
// A rank is given so much work ahead, in seconds, so that it never waits for an answer.
constexpr double kWorkAhead = 0.01;
constexpr double kMostSharesAhead = 64;  // of a thread

MessageBytes BytesOf(const RankMessage& message) {
  return std::make_shared<const std::vector<uint8_t>>(EncodeMessage(message));
}

// What all ranks must know of a plan.
Plan WithoutItems(const Plan& plan) {
  return {.generation = plan.generation,
          .round = plan.round,
          .parents = plan.parents,
          .centres = plan.centres,
          .perturbation = plan.perturbation,
          .items = {},
          .first_item = plan.first_item};
}

// The shares of a round in the order in which they are dealt: what takes longest holds up the end
// least where it begins first.
std::vector<size_t> LongestFirst(const Round& round) {
  std::vector<double> steps;
  for (size_t i = 0; i < round.num_shares(); ++i) steps.push_back(round.ExpectedSteps(i));
  std::vector<size_t> order(round.num_shares());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return steps[a] > steps[b]; });
  return order;
}

// What the share's jobs are of.
Plan PartOf(const Plan& plan, std::span<const Job> jobs) {
  Plan part{.generation = plan.generation, .round = plan.round, .first_item = plan.first_item};
  std::optional<uint32_t> last;
  for (const Job& job : jobs) {
    if (last != job.item) part.items.push_back(plan.items[job.item]);
    last = job.item;
  }
  return part;
}

}  // namespace

// --- Cluster -------------------------------------------------------------------------------------

Cluster::Cluster(Transport& transport, ClusterOptions options)
    : transport_(transport),
      options_(std::move(options)),
      pace_(options_.clock),
      ranks_(static_cast<size_t>(transport.size())) {
  DNE_CHECK(transport.rank() == 0);
  ranks_[0].has_greeted = ranks_[0].is_ready = true;
  ranks_[0].host = options_.host;
  try {
    if (const auto silent = WaitFor(&Rank::has_greeted)) {
      throw Error(NameOf(*silent) + " did not answer within " + PatienceText() +
                  ": look whether its machine is up and reached");
    }
  } catch (...) {
    SendToAll(EndMessage{});
    throw;
  }
}

Cluster::~Cluster() { SendToAll(EndMessage{}); }

std::vector<RankReport> Cluster::Report() const {
  std::vector<RankReport> report;
  for (size_t i = 0; i < ranks_.size(); ++i) {
    const Rank& rank = ranks_[i];
    const double now = options_.clock();
    report.push_back(
        {.rank = static_cast<uint32_t>(i),
         .host = rank.host,
         .threads = rank.threads,
         .is_lost = rank.is_lost,
         .shares = rank.shares,
         .busy_seconds = rank.busy_seconds,
         .seconds = now - begun_at_,
         .silent_seconds = rank.outstanding > 0 || rank.is_late ? now - rank.heard_at : 0});
  }
  return report;
}

void Cluster::SetCompute(int threads, std::string isa) {
  threads_ = threads;
  isa_ = std::move(isa);
}

void Cluster::Begin(std::vector<uint8_t> setup) {
  for (size_t i = 1; i < ranks_.size(); ++i) ranks_[i].is_ready = false;
  for (Rank& rank : ranks_) {
    rank.shares = 0;
    rank.busy_seconds = 0;
  }
  SendToAll(BeginMessage{.threads = threads_, .isa = isa_, .setup = std::move(setup)});
  if (const auto silent = WaitFor(&Rank::is_ready)) {
    Warn(NameOf(*silent) + " did not get ready within " + PatienceText() +
         ": the others go on without it");
  }
  begun_at_ = options_.clock();
}

std::optional<int> Cluster::WaitFor(bool Rank::*what) {
  const double start = options_.clock();
  const auto lacks = [&](const Rank& rank) { return !rank.is_lost && !(rank.*what); };
  while (true) {
    const auto found = std::ranges::find_if(ranks_, lacks);
    if (found == ranks_.end()) return std::nullopt;
    NewlyLost();
    // Whatever else still comes is of work that nobody wants any more.
    if (Receive()) continue;
    if (options_.clock() - start > options_.patience) {
      return static_cast<int>(found - ranks_.begin());
    }
    std::this_thread::sleep_for(pace_.Period());
  }
}

std::string Cluster::PatienceText() const {
  return std::to_string(static_cast<int>(options_.patience)) + " seconds";
}

void Cluster::Warn(const std::string& text) const {
  if (options_.warn) options_.warn(text);
}

void Cluster::Send(int to, const RankMessage& message) { Send(to, BytesOf(message)); }

void Cluster::Send(int to, const MessageBytes& bytes) {
  bytes_moved_ += bytes->size();
  transport_.Send(to, bytes);
}

void Cluster::SendToAll(const RankMessage& message) {
  const MessageBytes bytes = BytesOf(message);
  for (size_t i = 1; i < ranks_.size(); ++i) {
    if (!ranks_[i].is_lost) Send(static_cast<int>(i), bytes);
  }
}

std::optional<Cluster::Received> Cluster::Receive() {
  std::optional<Message> message = transport_.Receive();
  if (!message) return std::nullopt;
  bytes_moved_ += message->bytes.size();
  pace_.SomethingCame();
  Received received{message->from, DecodeMessage(message->bytes)};
  Rank& sender = ranks_[static_cast<size_t>(message->from)];
  sender.heard_at = options_.clock();
  sender.is_late = false;
  if (const auto* hello = std::get_if<HelloMessage>(&received.message)) Note(message->from, *hello);
  if (const auto* ready = std::get_if<ReadyMessage>(&received.message)) Note(message->from, *ready);
  return received;
}

std::string Cluster::NameOf(int rank) const {
  const std::string& host = ranks_[static_cast<size_t>(rank)].host;
  return "rank " + std::to_string(rank) + (host.empty() ? "" : " (" + host + ")");
}

void Cluster::Note(int from, const HelloMessage& hello) {
  ranks_[static_cast<size_t>(from)].host = hello.host;
  if (hello.program != options_.program) {
    throw Error(NameOf(from) + " is another program:\n  rank 0: " + options_.program + "\n  " +
                "rank " + std::to_string(from) + ": " + hello.program +
                "\nstart the same build of dne on every machine");
  }
  ranks_[static_cast<size_t>(from)].has_greeted = true;
}

void Cluster::Note(int from, const ReadyMessage& ready) {
  if (!ready.mistake.empty()) throw Error(NameOf(from) + ": " + ready.mistake);
  Rank& rank = ranks_[static_cast<size_t>(from)];
  rank.is_ready = true;
  rank.threads = ready.threads;
}

std::vector<int> Cluster::NewlyLost() {
  std::vector<int> fresh;
  for (const int i : transport_.Lost()) {
    Rank& rank = ranks_[static_cast<size_t>(i)];
    if (std::exchange(rank.is_lost, true)) continue;
    fresh.push_back(i);
    Warn(NameOf(i) + " was lost: what it had in work goes to the others");
  }
  return fresh;
}

// --- The evaluator -------------------------------------------------------------------------------

struct ClusterEvaluator::Parts {
  Cluster& cluster;
  const Task& task;
  const EvaluatorOptions options;
  Watch& watch;
  const CentreSource* source;
  Watch own = {};  // of this rank's threads, which also stop when others have ended the work
  EpisodeMemory memory = {};
  Workers workers{task, options, own};
  double longest_share = 0;  // of the last plan, in seconds
};

// One plan on its way.
class ClusterEvaluator::Playing {
 public:
  Playing(Parts& parts, size_t num_workers, Round& round, bool keeps)
      : parts_(parts),
        cluster_(parts.cluster),
        num_workers_(num_workers),
        round_(round),
        keeps_(keeps),
        deal_(LongestFirst(round), parts.options.clock, parts.longest_share) {}

  void Go() {
    parts_.own.cancel = false;
    const size_t threads = parts_.workers.size();
    try {
      Exchange();
      RunJobs(threads, threads, [&](size_t thread, size_t) { PlayHere(thread); },
              {.tick = [this] { ExchangeOrStop(); },
               .period = [this] { return cluster_.pace_.Period(); }});
      Exchange();
    } catch (...) {
      DropTheRest();
      throw;
    }
    DropTheRest();
    parts_.longest_share = deal_.longest_seconds();
  }

 private:
  // --- This rank's threads -----------------------------------------------------------------------

  void PlayHere(size_t thread) {
    try {
      while (const auto share = deal_.TakeOrWait(0)) {
        const double start = parts_.options.clock();
        std::vector<JobResult> results;
        parts_.workers[thread].Run(round_.plan(), round_.share(*share),
                                   [&](JobResult result) { results.push_back(std::move(result)); });
        if (parts_.own.cancel) return;
        Complete(0, *share, parts_.options.clock() - start, std::move(results));
      }
    } catch (...) {
      StopHere();
      throw;
    }
  }

  void StopHere() {
    parts_.own.cancel = true;
    deal_.Stop();
  }

  // --- Results, of any thread --------------------------------------------------------------------

  void Complete(int rank, size_t share, double seconds, std::vector<JobResult> results) {
    const std::span<const Job> jobs = round_.share(share);
    const auto is_of_share = [&](const JobResult& result) {
      return std::ranges::any_of(jobs, [&](const Job& job) { return job.item == result.item; });
    };
    if (results.size() != jobs.size() || !std::ranges::all_of(results, is_of_share)) {
      throw BugError(cluster_.NameOf(rank) +
                     " answered with other results than those it was asked for");
    }
    if (!deal_.Complete(share, seconds)) return;
    for (JobResult& result : results) round_.Finish(std::move(result));
    parts_.watch.jobs_done += jobs.size();
    const std::lock_guard lock(mutex_);
    cluster_.ranks_[static_cast<size_t>(rank)].busy_seconds += seconds;
    ++cluster_.ranks_[static_cast<size_t>(rank)].shares;
  }

  // --- The others, on the caller's thread --------------------------------------------------------

  void ExchangeOrStop() {
    try {
      Exchange();
    } catch (...) {
      StopHere();
      throw;
    }
  }

  void Exchange() {
    while (auto received = cluster_.Receive()) Take(received->from, received->message);
    for (const int rank : cluster_.NewlyLost()) {
      deal_.GiveBack(rank);
      cluster_.ranks_[static_cast<size_t>(rank)].outstanding = 0;
    }
    parts_.watch.steps_run += parts_.own.steps_run.exchange(0);
    if (parts_.watch.cancel || deal_.all_done()) return StopHere();
    DealOut();
    if (keeps_ && IsTime(last_keep_, kKeepPeriod)) round_.Keep();
  }

  void Take(int from, RankMessage& message) {
    if (auto* done = std::get_if<DoneMessage>(&message)) {
      TakeDone(from, *done);
    } else if (const auto* want = std::get_if<WantCentreMessage>(&message)) {
      SendCentre(from, want->centre);
    } else if (const auto* failed = std::get_if<FailedMessage>(&message)) {
      const std::string text = cluster_.NameOf(from) + ": " + failed->text;
      if (failed->is_bug) throw BugError(text);
      throw Error(text);
    }
  }

  void TakeDone(int from, DoneMessage& done) {
    if (done.plan != cluster_.num_plans_) return;  // of a plan that is done with
    size_t& outstanding = cluster_.ranks_[static_cast<size_t>(from)].outstanding;
    if (outstanding > 0) --outstanding;
    uint64_t steps = 0;
    for (const JobResult& result : done.results) steps += result.played.TotalSteps();
    Complete(from, done.share, done.seconds, std::move(done.results));
    parts_.watch.steps_run += steps;
  }

  void SendCentre(int to, Birth birth) {
    const std::vector<Centre>& centres = round_.plan().centres;
    const auto found = std::ranges::find(centres, birth, &Centre::birth);
    if (found == centres.end()) return;  // asked for by a plan before
    const CentreSource* source = parts_.source;
    cluster_.Send(to, CentreMessage{{*found, source == nullptr ? std::vector<uint8_t>{}
                                                               : source->UpdateState(birth)}});
  }

  void DealOut() {
    const bool looks_for_overdue = deal_.num_undealt() == 0 && IsTime(last_look_, kOverduePeriod);
    for (size_t i = 1; i < cluster_.ranks_.size(); ++i) {
      Cluster::Rank& rank = cluster_.ranks_[i];
      if (!rank.is_ready || rank.is_lost || rank.is_late) continue;
      const int number = static_cast<int>(i);
      while (rank.outstanding < Room(rank)) {
        const auto share = deal_.Take(number);
        if (!share) break;
        SendShare(number, *share);
      }
      if (!looks_for_overdue || rank.outstanding > 0) continue;
      if (const auto share = deal_.TakeOverdue(number)) SendShare(number, *share);
    }
  }

  // How many shares a rank may have: what it plays, and some ahead; towards the end fewer, so that
  // all end together.
  size_t Room(const Cluster::Rank& rank) const {
    const double mean = deal_.mean_seconds();
    const double ahead =
        mean > 0 ? std::clamp(std::ceil(kWorkAhead / mean), 1.0, kMostSharesAhead) : 1.0;
    const double fair =
        static_cast<double>(deal_.num_undealt()) / static_cast<double>(4 * num_workers_);
    return rank.threads + static_cast<size_t>(rank.threads * std::min(ahead, fair));
  }

  void SendShare(int to, size_t share) {
    const std::span<const Job> jobs = round_.share(share);
    cluster_.Send(to, ShareMessage{.plan = cluster_.num_plans_,
                                   .share = share,
                                   .part = EncodePlan(PartOf(round_.plan(), jobs)),
                                   .jobs = {jobs.begin(), jobs.end()}});
    ++cluster_.ranks_[static_cast<size_t>(to)].outstanding;
  }

  void DropTheRest() {
    for (size_t i = 1; i < cluster_.ranks_.size(); ++i) {
      Cluster::Rank& rank = cluster_.ranks_[i];
      if (std::exchange(rank.outstanding, 0) == 0) continue;
      rank.is_late = true;  // until it says something
      cluster_.Send(static_cast<int>(i), DropMessage{});
    }
  }

  bool IsTime(double& last, double period) {
    const double now = parts_.options.clock();
    if (now - last < period) return false;
    last = now;
    return true;
  }

  Parts& parts_;
  Cluster& cluster_;
  const size_t num_workers_;
  Round& round_;
  const bool keeps_;
  Deal deal_;
  std::mutex mutex_;  // of what ranks have done
  double last_keep_ = 0;
  double last_look_ = 0;
};

ClusterEvaluator::ClusterEvaluator(Cluster& cluster, std::vector<uint8_t> setup, const Task& task,
                                   const EvaluatorOptions& options, Watch& watch,
                                   const CentreSource* source)
    : parts_(new Parts{cluster, task, options, watch, source}) {
  cluster.ranks_[0].threads = static_cast<uint32_t>(options.threads);
  cluster.Begin(std::move(setup));
}

ClusterEvaluator::~ClusterEvaluator() = default;

size_t ClusterEvaluator::num_workers() const {
  size_t sum = 0;
  for (const Cluster::Rank& rank : parts_->cluster.ranks_) {
    if (!rank.is_lost) sum += rank.threads;
  }
  return sum;
}

std::vector<RankReport> ClusterEvaluator::Report() const { return parts_->cluster.Report(); }

void ClusterEvaluator::Announce(const CentreMove& move) {
  parts_->cluster.SendToAll(MoveMessage{move});
}

// While this rank decodes its parents, the others decode theirs.
void ClusterEvaluator::SendPlan(const Plan& plan) {
  ++parts_->cluster.num_plans_;
  parts_->cluster.SendToAll(PlanMessage{.number = parts_->cluster.num_plans_,
                                        .num_items = static_cast<uint32_t>(plan.items.size()),
                                        .plan = EncodePlan(WithoutItems(plan))});
}

Evaluation ClusterEvaluator::Evaluate(const Plan& plan, Journal* journal) {
  Parts& parts = *parts_;
  SendPlan(plan);
  parts.workers.Hold(plan, parts.memory);
  Round round(parts.task, plan, parts.memory, journal, num_workers());
  parts.watch.jobs_done = 0;
  parts.watch.jobs_total = round.jobs().size();
  Playing playing(parts, num_workers(), round, journal != nullptr);
  try {
    playing.Go();
  } catch (...) {
    round.Keep();
    throw;
  }
  round.Keep();
  if (parts.watch.cancel) throw Cancelled();
  return round.Collect();
}

}  // namespace dne
