// SPDX-License-Identifier: MIT
#include "dne/bench/bench_cluster.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr uint32_t kItems = 1000;
constexpr uint32_t kParents = 20;
constexpr uint32_t kMutations = 100;
constexpr size_t kDescriptor = 128;  // bytes, as Atari's RAM

// Its episodes wait as many microseconds as their step cap says.
class WaitingTask final : public Task {
 public:
  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa) const override {
    return [](const StreamId&, std::span<float> out) { std::ranges::fill(out, 0.0f); };
  }
  EpisodeStart DrawStart(Stream& stream) const override { return {.noops = 1 + stream.Below(30)}; }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa) const override { return std::make_unique<Worker>(); }

 private:
  class Worker final : public TaskWorker {
    Result Run(const PolicyView&, std::span<const EpisodeStart> starts, const EpisodeOptions& how,
               std::atomic<uint64_t>& steps_run, const std::atomic<bool>&) override {
      std::this_thread::sleep_for(std::chrono::microseconds(how.max_steps));
      steps_run += starts.size();
      Result result;
      for (const EpisodeStart& start : starts) {
        result.episodes.push_back({.start = start,
                                   .steps = 1,
                                   .frames = 4,
                                   .descriptor = std::vector<uint8_t>(kDescriptor)});
      }
      return result;
    }
  };
  PolicyLayout layout_ = {.num_parameters = 1};
};

class WaitingSetup final : public RankSetup {
 public:
  const Task& task() const override { return task_; }
  const CentreSource* source() const override { return nullptr; }
  std::vector<Centre> FirstCentres() const override { return {}; }

 private:
  WaitingTask task_;
};

// Of another generation each, so that nothing is remembered.
Plan PlanOf(uint32_t generation, uint32_t num_items, uint32_t microseconds) {
  Plan plan{.generation = generation, .round = "train"};
  for (uint32_t i = 0; i < kParents; ++i) {
    Genome parent{.run_seed = 1, .founder = {0, i}};
    for (uint32_t m = 1; m <= kMutations; ++m) parent = Child(parent, {{m, 7 * m + i}, 0.002f});
    plan.parents.push_back(parent);
  }
  for (uint32_t i = 0; i < num_items; ++i) {
    const Birth birth{generation, i};
    plan.items.push_back({.genome = Child(plan.parents[i % kParents], {birth, 0.002f}),
                          .episodes = BirthEpisodes(1, birth),
                          .how = {.max_steps = microseconds}});
  }
  return plan;
}

class ClusterBench {
 public:
  ClusterBench(const ClusterBenchOptions& options, Cluster& cluster, const RowSink& on_row)
      : options_(options), cluster_(cluster), on_row_(on_row) {}

  void Run() {
    for (const int threads : options_.threads) {
      cluster_.SetCompute(threads, "");
      ClusterEvaluator evaluator(
          cluster_, {kWaitingSetup}, task_,
          EvaluatorOptions{.threads = threads, .clock = options_.timing.clock}, watch_, nullptr);
      MeasurePlans(evaluator, threads);
      for (const uint32_t milliseconds : {1, 10}) MeasureEpisodes(evaluator, threads, milliseconds);
    }
  }

 private:
  struct Cost {
    double seconds = 0;  // by the clock
    double busy = 0;     // of the thread that speaks with the others
    double bytes = 0;
    double evaluations = 0;  // by other ranks
    double all = 0;
  };

  Cost CostOf(Evaluator& evaluator, const Plan& plan) {
    options_.timing.ThrowIfCancelled();
    const double start = options_.timing.clock();
    const double busy = options_.thread_clock();
    const uint64_t bytes = cluster_.bytes_moved();
    const uint64_t before = PlayedElsewhere();
    evaluator.Run(plan);
    return {.seconds = options_.timing.clock() - start,
            .busy = options_.thread_clock() - busy,
            .bytes = static_cast<double>(cluster_.bytes_moved() - bytes),
            .evaluations = static_cast<double>(PlayedElsewhere() - before),
            .all = static_cast<double>(plan.items.size())};
  }

  uint64_t PlayedElsewhere() const {
    uint64_t sum = 0;
    for (const RankReport& rank : cluster_.Report()) sum += rank.rank > 0 ? rank.shares : 0;
    return sum;
  }

  // Of a plan of one short episode.
  void MeasurePlans(Evaluator& evaluator, int threads) {
    std::vector<double> busy;
    std::vector<double> bytes;
    const auto others = static_cast<double>(cluster_.num_ranks() - 1);
    for (int repeat = 0; repeat < 10 * options_.timing.repeats; ++repeat) {
      const Cost cost = CostOf(evaluator, PlanOf(++generation_, 1, 1));
      busy.push_back(1e6 * cost.busy);
      bytes.push_back(cost.bytes / others);
    }
    Say("a plan: rank 0's time", threads, SpreadOf(busy), "us");
    Say("a plan: bytes to a rank", threads, SpreadOf(bytes), "B");
  }

  void MeasureEpisodes(Evaluator& evaluator, int threads, uint32_t milliseconds) {
    std::vector<double> busy;
    std::vector<double> bytes;
    std::vector<double> share;
    for (int repeat = 0; repeat < options_.timing.repeats; ++repeat) {
      const Cost cost = CostOf(evaluator, PlanOf(++generation_, kItems, 1000 * milliseconds));
      busy.push_back(1e6 * cost.busy / cost.evaluations);
      bytes.push_back(cost.bytes / cost.evaluations);
      const double ideal =
          cost.all * 1e-3 * milliseconds / static_cast<double>(evaluator.num_workers());
      share.push_back(100 * ideal / cost.seconds);
    }
    const std::string name = fmt::format("episodes of {} ms: ", milliseconds);
    const Spread time = SpreadOf(busy);
    Say(name + "rank 0's time each", threads, time, "us");
    Say(name + "bytes each", threads, SpreadOf(bytes), "B");
    Say(name + "share of what all threads allow", threads, SpreadOf(share), "%");
    Say(name + "rank 0 takes in", threads, Exactly(1e6 / time.median), "results/s");
  }

  void Say(const std::string& measure, int threads, const Spread& value, const std::string& unit) {
    on_row_({fmt::format("{} ranks", cluster_.num_ranks()), "", measure, threads, value, unit});
  }

  const ClusterBenchOptions& options_;
  Cluster& cluster_;
  const RowSink& on_row_;
  WaitingTask task_;
  Watch watch_;
  uint32_t generation_ = kMutations;
};

}  // namespace

void BenchCluster(const ClusterBenchOptions& options, Cluster& cluster, const RowSink& on_row) {
  if (options.threads.empty()) throw Error("nothing to measure: name at least one thread count");
  CheckMeasurable(options.threads, options.timing);
  ClusterBench(options, cluster, on_row).Run();
}

std::unique_ptr<RankSetup> MakeWaitingSetup() { return std::make_unique<WaitingSetup>(); }

}  // namespace dne
