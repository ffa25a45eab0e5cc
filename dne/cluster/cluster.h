// SPDX-License-Identifier: MIT
// All ranks of a job, seen from rank 0, which carries plans out on its own threads and on those of
// the others.
//
// The others hold what a plan's genomes come from, so that little travels: to each rank the plan's
// parents, as genomes; with each share its items' genomes and starts; back, what the episodes came
// to. A centre's numbers go to a rank only where it has not the one before, as at its start.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dne/cluster/looking_pace.h"
#include "dne/cluster/messages.h"
#include "dne/cluster/transport.h"
#include "dne/evaluate/evaluator.h"
#include "dne/plan/centre.h"
#include "dne/plan/rank_report.h"
#include "dne/tasks/task.h"

namespace dne {

struct ClusterOptions {
  // HelloMessage
  std::string program;
  std::string host;
  double patience = 120;  // seconds in which every rank must have answered, at the start
  Clock clock;
  // Told what a person should know: that a rank was lost.
  std::function<void(const std::string& text)> warn;
};

// Used by one thread.
class Cluster {
 public:
  // On rank 0, while the others Serve. Blocks until each has said what it is; throws Error where
  // one is another program or says nothing. Everything given must outlive it.
  Cluster(Transport& transport, ClusterOptions options);
  // The job has ended: the others stop serving.
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // How the other ranks compute, as the user said it: 0 threads are all processors, no `isa` is
  // each one's fastest.
  void SetCompute(int threads, std::string isa);

  int num_ranks() const { return static_cast<int>(ranks_.size()); }
  // Sent to other ranks and received from them.
  uint64_t bytes_moved() const { return bytes_moved_; }
  // Of all ranks, in order, since the last evaluator was made.
  std::vector<RankReport> Report() const;

 private:
  friend class ClusterEvaluator;

  struct Rank {
    std::string host;
    bool has_greeted = false;
    bool is_ready = false;
    bool is_lost = false;
    bool is_late = false;  // it owes an answer of a plan that is over: nothing is given to it
    uint32_t threads = 0;
    size_t outstanding = 0;  // shares
    uint64_t shares = 0;
    double busy_seconds = 0;
    double heard_at = 0;
  };
  struct Received {
    int from = 0;
    RankMessage message;
  };

  // Blocks until the others are ready to evaluate it, or have been silent for too long: who gets
  // ready later joins then. Throws Error where one cannot.
  void Begin(std::vector<uint8_t> setup);
  void Send(int to, const RankMessage& message);
  void Send(int to, const MessageBytes& bytes);
  void SendToAll(const RankMessage& message);
  // The next message, if one has come; of those that say what a rank is it takes note.
  std::optional<Received> Receive();
  // Ranks that were lost since the last call.
  std::vector<int> NewlyLost();
  // "rank 3 (node07)".
  std::string NameOf(int rank) const;
  std::string PatienceText() const;
  void Warn(const std::string& text) const;
  void Note(int from, const HelloMessage& hello);
  void Note(int from, const ReadyMessage& ready);
  // Until no rank that lives lacks it; returns one that does so for too long.
  std::optional<int> WaitFor(bool Rank::*what);

  Transport& transport_;
  ClusterOptions options_;
  LookingPace pace_;
  std::vector<Rank> ranks_;  // by number; of rank 0 only what it has done
  int threads_ = 1;
  std::string isa_;
  double begun_at_ = 0;
  uint64_t bytes_moved_ = 0;
  uint64_t num_plans_ = 0;  // of all evaluators, so that late answers are told apart
};

// An evaluator of one task.
class ClusterEvaluator final : public Evaluator {
 public:
  // Blocks until all ranks have made their RankSetup of these bytes; throws Error where one cannot.
  // `source` may be null where plans have no centres. Everything given must outlive it.
  ClusterEvaluator(Cluster& cluster, std::vector<uint8_t> setup, const Task& task,
                   const EvaluatorOptions& options, Watch& watch, const CentreSource* source);
  ~ClusterEvaluator() override;

  size_t num_workers() const override;
  std::vector<RankReport> Report() const override;
  // Others may make the next centre meanwhile (Algorithm::OnMove).
  void Announce(const CentreMove& move);

 private:
  class Playing;
  void SendPlan(const Plan& plan);
  Evaluation Evaluate(const Plan& plan, Journal* journal) override;

  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace dne
