// SPDX-License-Identifier: MIT
#include "dne/bench/es_generation.h"

#include <array>
#include <memory>
#include <utility>

#include "dne/algorithms/es.h"
#include "dne/base/error.h"
#include "dne/experiment/setup.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 1;
constexpr float kStart = 0.1f;  // every parameter of the first centre
constexpr double kMilliseconds = 1000;

// Many sums side by side, so that they are taken with vectors.
[[gnu::always_inline]] inline double SumOfSquares(std::span<const float> values) {
  constexpr size_t kSums = 32;
  std::array<float, kSums> sums{};
  size_t i = 0;
  for (; i + kSums <= values.size(); i += kSums) {
    for (size_t s = 0; s < kSums; ++s) sums[s] += values[i + s] * values[i + s];
  }
  double sum = 0;
  for (; i < values.size(); ++i) sum += double{values[i]} * double{values[i]};
  for (const float part : sums) sum += double{part};
  return sum;
}

// With wider vectors, as the peer's library has them; the same sums.
#if defined(__x86_64__)
[[gnu::target("avx2")]] double SumOfSquaresAvx2(std::span<const float> values) {
  return SumOfSquares(values);
}
#endif

class SphereWorker final : public TaskWorker {
 public:
  explicit SphereWorker(Isa isa) : isa_(isa) {}

  Result Run(const PolicyView& policy, std::span<const EpisodeStart> starts, const EpisodeOptions&,
             std::atomic<uint64_t>& steps_run, const std::atomic<bool>&) override {
    const double score = -Squares(policy.numbers);
    steps_run += starts.size();
    Result result;
    for (const EpisodeStart& start : starts) {
      result.episodes.push_back({.start = start, .score = score, .steps = 1, .frames = 1});
    }
    return result;
  }

 private:
  double Squares(std::span<const float> parameters) const {
#if defined(__x86_64__)
    if (isa_ != Isa::kScalar) return SumOfSquaresAvx2(parameters);
#endif
    return SumOfSquares(parameters);
  }

  Isa isa_;
};

class SphereTask final : public Task {
 public:
  explicit SphereTask(const EsScale& scale)
      : layout_{.num_parameters = scale.num_parameters, .layers = scale.layers} {}

  const PolicyLayout& layout() const override { return layout_; }
  Initialiser initialiser(Isa) const override {
    return
        [](const StreamId&, std::span<float> parameters) { std::ranges::fill(parameters, kStart); };
  }
  EpisodeStart DrawStart(Stream&) const override { return {}; }
  int lanes() const override { return 1; }
  std::unique_ptr<TaskWorker> MakeWorker(Isa isa) const override {
    return std::make_unique<SphereWorker>(isa);
  }

 private:
  PolicyLayout layout_;
};

EsOptions OptionsOf(int population_size, const PerturbationOptions& perturbation) {
  EsOptions options;  // the paper's: sigma 0.02, Adam 0.01, centred ranks
  options.strategy.cloud.population_size = population_size;
  options.strategy.rounds.validation_episodes = 1;
  options.perturbation = perturbation;
  return options;
}

// Milliseconds since the last look.
class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock) : clock_(clock), last_(clock()) {}

  double Lap() {
    const double now = clock_();
    return kMilliseconds * (now - std::exchange(last_, now));
  }

 private:
  const Clock& clock_;
  double last_;
};

// An evolution strategy, a generation at a time.
class Generations {
 public:
  // Nobody asks how long the episodes were: the clock of `compute` may stand still.
  Generations(const Task& task, const EsOptions& options, const EvaluatorOptions& compute,
              const Clock& clock)
      : clock_(clock),
        es_(MakeEs(options, {kSeed, SpaceOf(task, compute.isa), ThreadsFor(compute.threads),
                             compute.isa, MakeNoiseSums(compute)})),
        evaluator_(MakeLocalEvaluator(task, compute, watch_)) {
    Round();  // generation 0 only validates
  }

  struct Parts {
    double all = 0;
    double members = 0;
    double update = 0;
  };

  Parts Run() {
    Stopwatch watch(clock_);
    Parts parts = Round();
    Round();
    parts.all = watch.Lap();
    return parts;
  }

 private:
  Parts Round() {
    Stopwatch watch(clock_);
    const Plan plan = es_->Ask();
    const Evaluation evaluation = evaluator_->Run(plan);
    const double members = watch.Lap();
    es_->Tell(plan, evaluation.results);
    return {.members = members, .update = watch.Lap()};
  }

  const Clock& clock_;
  Watch watch_;
  std::unique_ptr<Algorithm> es_;
  std::unique_ptr<Evaluator> evaluator_;
};

// Generations until their time is up, and the mean of their parts.
Generations::Parts MeanParts(Generations& generations, double seconds, const Timing& timing) {
  Generations::Parts sum;
  double count = 0;
  do {
    const Generations::Parts parts = generations.Run();
    timing.ThrowIfCancelled();
    sum.all += parts.all;
    sum.members += parts.members;
    sum.update += parts.update;
    ++count;
  } while (sum.all < seconds * kMilliseconds);
  return {.all = sum.all / count, .members = sum.members / count, .update = sum.update / count};
}

// Scores without any order.
std::vector<Result> RandomResults(const Plan& plan) {
  Stream random({.seed = kSeed, .purpose = Purpose::kBenchmark});
  std::vector<Result> results(plan.items.size());
  for (Result& result : results) result.episodes = {{.score = random.NextFloat()}};
  return results;
}

}  // namespace

GenerationCost MeasureGeneration(const EsScale& scale, int threads, Isa isa, const Timing& timing) {
  return MeasureGeneration(SphereTask(scale), scale.population_size, scale.perturbation,
                           {.threads = threads, .isa = isa}, timing);
}

GenerationCost MeasureGeneration(const Task& task, int population_size,
                                 const PerturbationOptions& perturbation,
                                 const EvaluatorOptions& compute, const Timing& timing) {
  Generations generations(task, OptionsOf(population_size, perturbation), compute, timing.clock);
  MeanParts(generations, timing.seconds * kWarmupShare, timing);
  std::vector<double> all;
  std::vector<double> members;
  std::vector<double> update;
  for (int i = 0; i < timing.repeats; ++i) {
    const Generations::Parts parts = MeanParts(generations, timing.seconds, timing);
    all.push_back(parts.all);
    members.push_back(parts.members);
    update.push_back(parts.update);
  }
  return {.all = SpreadOf(all), .members = SpreadOf(members), .update = SpreadOf(update)};
}

double MeasureUpdate(const EsScale& scale, int threads, Isa isa, const Timing& timing) {
  const SphereTask task(scale);
  const ParallelFor parallel = [&timing, spread = ThreadsFor(threads)](
                                   size_t count, const std::function<void(size_t)>& body) {
    spread(count, [&](size_t i) {
      timing.ThrowIfCancelled();
      body(i);
    });
  };
  const auto es = MakeEs(OptionsOf(scale.population_size, scale.perturbation),
                         {kSeed, SpaceOf(task, isa), parallel, isa, nullptr});
  const Plan first = es->Ask();
  es->Tell(first, RandomResults(first));
  const Plan plan = es->Ask();
  const std::vector<Result> results = RandomResults(plan);
  const double start = timing.clock();
  es->Tell(plan, results);
  return timing.clock() - start;
}

}  // namespace dne
