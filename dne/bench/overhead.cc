// SPDX-License-Identifier: MIT
#include "dne/bench/overhead.h"

#include <utility>

#include "dne/algorithms/ga.h"
#include "dne/base/float_buffer.h"
#include "dne/experiment/run.h"
#include "dne/experiment/setup.h"
#include "dne/genome/parent_cache.h"
#include "dne/store/store.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint32_t kDescriptorBytes = 128;  // an Atari's RAM
constexpr size_t kInstantParameters = 16;

// Episodes that take no time, with what the loop needs of them.
class InstantWorker final : public TaskWorker {
 public:
  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts,
             const EpisodeOptions& how, std::atomic<uint64_t>&, const std::atomic<bool>&) override {
    Result result;
    for (const EpisodeStart& start : starts) {
      result.episodes.push_back({.start = start,
                                 .score = double{policy.numbers[0]} + start.noops,
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
  const PolicyLayout& layout() const override { return layout_; }
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

 private:
  PolicyLayout layout_ = {.num_parameters = kInstantParameters};
};

// The store behind it, with the time that writing takes.
class TimedWriter final : public RunWriter {
 public:
  TimedWriter(std::unique_ptr<RunStore> store, const Clock& clock)
      : store_(std::move(store)), clock_(clock) {}

  void Write(const Commit& commit) override {
    Time([&] { store_->Write(commit); });
  }
  void Log(const LogEntry& entry) override {
    Time([&] { store_->Log(entry); });
  }
  std::optional<Checkpoint> LastCheckpoint() const override { return store_->LastCheckpoint(); }
  std::vector<LogEntry> Logged() const override { return store_->Logged(); }

  double seconds() const { return seconds_; }

 private:
  template <class Call>
  void Time(const Call& call) {
    const double start = clock_();
    call();
    seconds_ += clock_() - start;
  }

  std::unique_ptr<RunStore> store_;
  const Clock& clock_;
  double seconds_ = 0;
};

constexpr double kMilliseconds = 1000;

// Times from one generation's end to the next one's, but for writing.
class LoopTimer final : public RunObserver {
 public:
  LoopTimer(const TimedWriter& writer, const Clock& clock) : writer_(writer), clock_(clock) {}

  void OnGeneration(const GenerationRecord& record) override {
    const double now = clock_() - writer_.seconds();
    if (record.generation > 0) select_.push_back((now - last_) * kMilliseconds);  // 0: the warm-up
    last_ = now;
  }

  Spread select() const { return SpreadOf(select_); }

 private:
  const TimedWriter& writer_;
  const Clock& clock_;
  double last_ = 0;
  std::vector<double> select_;
};

}  // namespace

Spread MeasureDecoding(const Task& task, Isa isa, int threads, const Timing& timing) {
  const GaOptions paper;
  std::vector<Genome> parents;
  for (int i = 0; i < paper.num_parents; ++i) {
    parents.push_back({.run_seed = kSeed, .founder = {0, static_cast<uint32_t>(i)}});
  }
  ParentCache cache(task.layout(), task.initialiser(isa), isa);
  cache.Hold(parents);
  std::vector<Work> works;
  for (int i = 0; i < threads; ++i) {
    works.push_back([&, child = static_cast<uint32_t>(i), threads,
                     out = std::make_shared<FloatBuffer>(task.layout().policy_size())]() mutable {
      const Genome& parent = parents[child % parents.size()];
      cache.Express(Child(parent, {{1, child}, paper.sigma}), out->values());
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
  TimedWriter writer(RunStore::Create(dir, {.config = ConfigToToml(config)}), timing.clock);
  LoopTimer timer(writer, timing.clock);
  Watch watch;
  const EvaluatorOptions options{.threads = 1, .isa = Isa::kScalar, .clock = timing.clock};
  const auto algorithm = MakeAlgorithm(config, task, options);
  const auto evaluator = MakeThreadEvaluator(task, options, watch);
  RunExperiment(config.budget, *algorithm, *evaluator, writer,
                {task.layout().num_parameters, options, watch}, timer);
  timing.ThrowIfCancelled();
  const auto generations = static_cast<double>(*config.budget.generations);
  return {.select = timer.select(),
          .write = SpreadOf({writer.seconds() * kMilliseconds / generations})};
}

double OverheadShare(const Spread& decode, const LoopCost& loop, int threads,
                     double seconds_of_episode) {
  const double children = GaOptions{}.trials.population_size;
  const double overhead =
      children * decode.median + threads * (loop.select.median + loop.write.median);
  return overhead / (children * seconds_of_episode * 1000);
}

}  // namespace dne
