// SPDX-License-Identifier: MIT
#include "dne/bench/overhead.h"

#include <utility>

#include "dne/base/float_buffer.h"
#include "dne/experiment/run.h"
#include "dne/genome/parent_cache.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint32_t kDescriptorBytes = 128;  // an Atari's RAM
constexpr size_t kInstantParameters = 16;

// Episodes that take no time, with what the loop needs of them.
class InstantWorker final : public TaskWorker {
 public:
  Result Run(std::span<const float> parameters, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>&, const std::atomic<bool>&) override {
    Result result;
    for (const EpisodeStart& start : starts) {
      result.episodes.push_back({.start = start,
                                 .score = double{parameters[0]} + start.noops,
                                 .steps = how.max_steps,
                                 .frames = how.max_steps,
                                 .end = EpisodeEnd::kTerminal,
                                 .descriptor = std::vector<uint8_t>(kDescriptorBytes)});
    }
    return result;
  }
};

class InstantTask final : public Task {
 public:
  size_t num_parameters() const override { return kInstantParameters; }
  Initialiser initialiser(Isa) const override {
    return [](const StreamId& id, std::span<float> parameters) {
      Stream stream(id);
      for (float& parameter : parameters) parameter = stream.NextFloat();
    };
  }
  EpisodeStart DrawStart(Stream& stream) const override {
    constexpr uint32_t kMaxNoops = 30;
    return {.noops = 1 + stream.Below(kMaxNoops)};
  }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa) const override {
    return std::make_unique<InstantWorker>();
  }
};

// The store behind it, with the time its commits take.
class TimedStore final : public RunStore {
 public:
  TimedStore(std::unique_ptr<RunStore> store, const Clock& clock)
      : store_(std::move(store)), clock_(clock) {}

  void Write(const Commit& commit) override {
    const double start = clock_();
    store_->Write(commit);
    seconds_ += clock_() - start;
  }
  const RunInfo& info() const override { return store_->info(); }
  std::optional<Checkpoint> LastCheckpoint() const override { return store_->LastCheckpoint(); }
  std::vector<GenerationRecord> Generations() const override { return store_->Generations(); }
  std::optional<GenerationRecord> LastGeneration() const override {
    return store_->LastGeneration();
  }
  std::optional<std::vector<float>> CentrePolicy(Birth centre) const override {
    return store_->CentrePolicy(centre);
  }
  std::vector<TrialRecord> Trials(uint32_t generation,
                                  const std::optional<std::string>& round) const override {
    return store_->Trials(generation, round);
  }
  uint64_t SizeOnDisk() const override { return store_->SizeOnDisk(); }

  // Since the last call.
  double TakeSeconds() { return std::exchange(seconds_, 0); }

 private:
  std::unique_ptr<RunStore> store_;
  const Clock& clock_;
  double seconds_ = 0;
};

// Times from one generation's last commit to the next one's.
class LoopTimer final : public RunObserver {
 public:
  LoopTimer(TimedStore& store, const Clock& clock) : store_(store), clock_(clock), last_(clock()) {}

  void OnGeneration(const GenerationRecord& record) override {
    constexpr double kMilliseconds = 1000;
    const double now = clock_();
    const double write = store_.TakeSeconds();
    const double all = now - std::exchange(last_, now);
    if (record.generation == 0) return;  // the warm-up
    write_.push_back(write * kMilliseconds);
    select_.push_back((all - write) * kMilliseconds);
  }

  LoopCost cost() const { return {.select = SpreadOf(select_), .write = SpreadOf(write_)}; }

 private:
  TimedStore& store_;
  const Clock& clock_;
  double last_;
  std::vector<double> select_;
  std::vector<double> write_;
};

}  // namespace

Spread MeasureDecoding(const Task& task, Isa isa, int threads, const Timing& timing) {
  const GaOptions paper;
  std::vector<Genome> parents;
  for (int i = 0; i < paper.num_parents; ++i) {
    parents.push_back({.run_seed = kSeed, .founder = {0, static_cast<uint32_t>(i)}});
  }
  ParentCache cache(task.num_parameters(), task.policy_size(), task.initialiser(isa), isa);
  cache.Hold(parents);
  std::vector<Work> works;
  for (int i = 0; i < threads; ++i) {
    works.push_back([&, child = static_cast<uint32_t>(i), threads,
                     out = std::make_shared<FloatBuffer>(task.num_parameters())]() mutable {
      const Genome& parent = parents[child % parents.size()];
      cache.Express(Child(parent, {1, child}, paper.sigma.start), out->values());
      child += static_cast<uint32_t>(threads);
      return uint64_t{1};
    });
  }
  return MillisecondsEach(MeasureRate(works, timing), threads);
}

LoopCost MeasureLoop(const std::filesystem::path& dir, const Timing& timing) {
  ExperimentConfig config;  // the paper's
  config.budget.generations = 1 + static_cast<uint64_t>(timing.repeats);
  const InstantTask task;
  TimedStore store(RunStore::Create(dir, {.config = ConfigToToml(config)}), timing.clock);
  LoopTimer timer(store, timing.clock);
  Watch watch;
  RunExperiment(config, task, store, {.threads = 1, .isa = Isa::kScalar, .clock = timing.clock},
                watch, timer);
  timing.ThrowIfCancelled();
  return timer.cost();
}

double OverheadShare(const Spread& decode, const LoopCost& loop, int threads,
                     double seconds_of_episode) {
  const double children = GaOptions{}.population_size;
  const double overhead =
      children * decode.median + threads * (loop.select.median + loop.write.median);
  return overhead / (children * seconds_of_episode * 1000);
}

}  // namespace dne
