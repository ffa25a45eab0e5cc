// SPDX-License-Identifier: MIT
#include "dne/studies/es_vs_sgd.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/base/parallel.h"
#include "dne/experiment/session.h"
#include "dne/store/lock.h"
#include "dne/tasks/supervised_task.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

// Members by which the rate of a prediction is measured.
constexpr int kMeasuredMembers = 64;

// --- The folder ----------------------------------------------------------------------------------

// Nobody else works in the folder as long as the lock lives. What is there belongs to this study,
// images included.
FileLock TakeFolder(const EsVsSgd& study, const fs::path& dir) {
  std::error_code failure;
  fs::create_directories(dir, failure);
  if (failure) throw Error(dir.string() + ": cannot be made: " + failure.message());
  FileLock lock(dir / "study.lock");
  const std::string images =
      fmt::format("# images: {:016x}\n", MakeSetup(study.config).images->digest);
  const fs::path text = dir / "study.toml";
  if (!fs::exists(text)) WriteFileAtomically(text, study.text + images);
  // Read as an experiment: one that an older program wrote lacks keys that have come since.
  if (ReadFile(text).ends_with(images) && LoadEsVsSgd(text, {}).text == study.text) return lock;
  throw Error(
      dir.string() +
      " holds another study (study.toml says which): give another folder with --out, or the "
      "study that it holds to go on with it");
}

// --- Gradient runs -------------------------------------------------------------------------------

GradientRunOptions GradientOptionsOf(const StudyCurve& curve, size_t num_parameters) {
  const EsOptions& es = EsOf(curve.config);
  GradientRunOptions options{
      .seed = curve.config.seed, .ascent = es.ascent, .noise = {}, .scale = 1};
  const CloudOptions& cloud = es.strategy.cloud;
  switch (curve.options.method) {
    case LearningMethod::kSgd:
      break;
    case LearningMethod::kProxy:
      options.noise.correlation = curve.options.correlation;
      break;
    case LearningMethod::kEs:
      const auto pairs = static_cast<uint64_t>(cloud.population_size / 2);
      if (cloud.shared_episodes == SharedEpisodes::kGeneration) {
        options.noise.correlation = ExpectedCorrelation(static_cast<double>(pairs), num_parameters);
      } else {
        options.noise.pairs = pairs;
      }
      // Members are sigma away from their centre, and raw fitness is not divided by it.
      if (es.ascent.shaping == FitnessShaping::kRaw) {
        options.scale = cloud.sigma;
        options.scale_schedule = cloud.sigma_schedule;
      }
  }
  return options;
}

std::vector<float> FirstParameters(const ExperimentConfig& config, const Setup& setup, Isa isa) {
  return *MakeAlgorithm(config, *setup.task, {.isa = isa})->Ask().centres.front().parameters;
}

class GradientStage {
 public:
  GradientStage(const EsVsSgd& study, const StudyContext& context, StudyProgress& progress,
                StudyResult& result)
      : study_(study), context_(context), progress_(progress), result_(result) {}

  void Run() {
    RunJobs(static_cast<size_t>(context_.compute.threads), study_.curves.size(),
            [&](size_t, size_t curve) { Learn(curve); }, {.cancel = &progress_.watch.cancel});
  }

  // As far as the curve's run came; empty where it has none.
  const std::vector<float>& parameters(size_t curve) const { return parameters_.at(curve); }

 private:
  fs::path StateOf(const StudyCurve& curve) const {
    const bool is_prediction = curve.options.method == LearningMethod::kEs;
    return context_.dir / (curve.options.name + (is_prediction ? ".predicted" : ".learned"));
  }

  void Learn(size_t number) {
    const StudyCurve& curve = study_.curves[number];
    const bool is_prediction = curve.options.method == LearningMethod::kEs;
    if (context_.predicts_only && !is_prediction) return;
    const Setup setup = MakeSetup(curve.config);
    const Isa isa = context_.compute.isa;
    GradientRun run(setup, GradientOptionsOf(curve, setup.task->layout().num_parameters),
                    FirstParameters(curve.config, setup, isa), isa);
    const fs::path state = StateOf(curve);
    if (fs::exists(state)) Restore(state, run);
    progress_.iterations_done += run.iteration();
    Advance(curve, state, run);
    Publish(number, is_prediction, run);
  }

  static void Restore(const fs::path& state, GradientRun& run) {
    const std::string bytes = ReadFile(state);
    try {
      ByteReader in(bytes);
      run.Restore(in);
      in.ExpectEnd();
    } catch (const Error& error) {
      throw Error(state.string() + ": " + error.what() + ": remove it to begin this curve anew");
    }
  }

  static void Keep(const fs::path& state, const GradientRun& run) {
    ByteWriter out;
    run.Save(out);
    WriteFileAtomically(state, out.Take());
  }

  void Advance(const StudyCurve& curve, const fs::path& state, GradientRun& run) {
    const uint64_t end = IterationsOf(curve.config);
    const auto interval =
        static_cast<uint64_t>(EsOf(curve.config).strategy.rounds.validation_interval);
    Watch& watch = progress_.watch;
    const auto is_due = [&] {
      const bool is_place = run.iteration() % interval == 0 || run.iteration() == end;
      return is_place && (run.looks().empty() || run.looks().back().iteration < run.iteration());
    };
    while (!watch.cancel) {
      if (is_due()) {
        if (!run.Examine(watch.steps_run, watch.cancel)) break;
        Keep(state, run);
      }
      if (run.iteration() >= end) return;
      run.Step();
      ++progress_.iterations_done;
    }
    Keep(state, run);
  }

  void Publish(size_t number, bool is_prediction, const GradientRun& run) {
    const std::lock_guard lock(mutex_);
    CurveResult& curve = result_.curves[number];
    std::vector<StudyLook>& looks = is_prediction ? curve.predicted : curve.looks;
    for (const Look& look : run.looks()) {
      looks.push_back({.iteration = look.iteration,
                       .images = look.iteration * curve.images_per_iteration,
                       .accuracy = look.accuracy,
                       .loss = look.loss,
                       .mean_accuracy = look.mean_accuracy});
    }
    parameters_[number].assign(run.parameters().begin(), run.parameters().end());
  }

  const EsVsSgd& study_;
  const StudyContext& context_;
  StudyProgress& progress_;
  StudyResult& result_;
  std::mutex mutex_;  // of what follows, and of the result
  std::vector<std::vector<float>> parameters_ =
      std::vector<std::vector<float>>(study_.curves.size());
};

// --- Correlations --------------------------------------------------------------------------------

// Those that were measured before, in the order that they are measured in.
std::vector<Correlations> ReadCorrelations(const fs::path& path) {
  std::vector<Correlations> all;
  if (!fs::exists(path)) return all;
  const std::string bytes = ReadFile(path);
  try {
    ByteReader in(bytes);
    for (uint64_t n = in.ReadCount(); n > 0; --n) all.push_back(Correlations::Read(in));
    in.ExpectEnd();
  } catch (const Error& error) {
    throw Error(path.string() + ": " + error.what() + ": remove it to measure them anew");
  }
  return all;
}

void KeepCorrelations(const std::vector<Correlations>& all, const fs::path& path) {
  ByteWriter out;
  out.Add(static_cast<uint64_t>(all.size()));
  for (const Correlations& each : all) each.Save(out);
  WriteFileAtomically(path, out.Take());
}

std::string WhereText(const CurveOptions& curve, uint64_t iteration) {
  return fmt::format("after {} iterations of {}", iteration, curve.name);
}

void Correlate(const EsVsSgd& study, const StudyContext& context, const GradientStage& learned,
               Watch& watch, StudyResult& result) {
  const int population = study.options.correlation_population;
  if (population == 0) return;
  const Setup setup = MakeSetup(study.config);
  const EsOptions& es = EsOf(study.config);
  CorrelationOptions options{.seed = study.config.seed,
                             .cloud = es.strategy.cloud,
                             .perturbation = es.perturbation.Spec()};
  options.cloud.population_size = population;
  const fs::path path = context.dir / "study.correlations";
  result.correlations = ReadCorrelations(path);
  size_t reached = 0;
  const auto measure = [&](const std::string& where, std::span<const float> parameters) {
    if (reached++ < result.correlations.size()) return;
    result.correlations.push_back(
        {where, MeasureCorrelations(setup, parameters, options, context.compute, watch)});
    KeepCorrelations(result.correlations, path);
  };
  measure("before training", FirstParameters(study.config, setup, context.compute.isa));
  for (size_t i = 0; i < study.curves.size(); ++i) {
    const CurveOptions& curve = study.curves[i].options;
    if (curve.method != LearningMethod::kSgd) continue;
    options.iteration = static_cast<uint32_t>(IterationsOf(study.curves[i].config)) + 1;
    return measure(WhereText(curve, options.iteration - 1), learned.parameters(i));
  }
}

// --- Runs of ES ----------------------------------------------------------------------------------

class Counting final : public RunObserver {
 public:
  explicit Counting(StudyProgress& progress) : progress_(progress) {}
  void OnGeneration(const GenerationRecord&) override { ++progress_.iterations_done; }

 private:
  StudyProgress& progress_;
};

std::unique_ptr<RunStore> StoreOf(const ExperimentConfig& config, const Setup& setup,
                                  const fs::path& dir) {
  if (!fs::exists(dir / "run.sqlite")) return RunStore::Create(dir, InfoOf(config, setup));
  auto store = RunStore::Open(dir);
  ExpectSameData(setup, store->info());
  return store;
}

std::vector<StudyLook> LooksOf(const RunStore& store, const Task& task, uint64_t images) {
  std::vector<StudyLook> looks;
  for (const GenerationRecord& record : store.Generations()) {
    for (const TrialRecord& trial : store.Trials(record.generation, "validate")) {
      looks.push_back({.iteration = record.generation,
                       .images = record.generation * images,
                       .accuracy = task.Point(trial.episodes.front().descriptor).front(),
                       .loss = -trial.fitness,
                       .mean_accuracy = {}});
    }
  }
  return looks;
}

void RunEs(const StudyCurve& curve, const StudyContext& context, StudyProgress& progress,
           CurveResult& result) {
  ExperimentConfig config = curve.config;
  // Generation 0 only looks at where the run begins.
  config.budget.generations = IterationsOf(curve.config) + 1;
  const Setup setup = MakeSetup(config);
  const auto store = StoreOf(config, setup, context.dir / curve.options.name);
  const EvaluatorOptions& compute = context.compute;
  Counting counting(progress);
  progress.iterations_done += store->Generations().size();
  const auto algorithm = MakeAlgorithm(config, *setup.task, compute);
  const auto evaluator = MakeEvaluator(config, setup, algorithm.get(), compute, progress.watch);
  const StopReason reason =
      RunExperiment(config.budget, *algorithm, *evaluator, *store,
                    ContextOf(config, *setup.task, compute, progress.watch), counting);
  result.looks = LooksOf(*store, *setup.task, result.images_per_iteration);
  if (reason == StopReason::kCancelled) throw Cancelled();
}

uint64_t ImagesOf(const StudyCurve& curve, size_t batch_size) {
  if (curve.options.method != LearningMethod::kEs) return batch_size;
  const CloudOptions& cloud = EsOf(curve.config).strategy.cloud;
  return static_cast<uint64_t>(cloud.population_size) * static_cast<uint64_t>(cloud.episodes) *
         batch_size;
}

StudyResult EmptyResult(const EsVsSgd& study) {
  StudyResult result{.name = study.config.name, .curves = {}, .correlations = {}};
  for (const StudyCurve& curve : study.curves) {
    const Setup setup = MakeSetup(curve.config);
    result.num_parameters = setup.task->layout().num_parameters;
    result.curves.push_back({.options = curve.options,
                             .images_per_iteration = ImagesOf(curve, setup.batch_size),
                             .iterations = IterationsOf(curve.config),
                             .looks = {},
                             .predicted = {}});
  }
  return result;
}

uint64_t TotalIterations(const EsVsSgd& study, bool predicts_only) {
  uint64_t total = 0;
  for (const StudyCurve& curve : study.curves) {
    const bool is_es = curve.options.method == LearningMethod::kEs;
    const uint64_t iterations = IterationsOf(curve.config);
    if (is_es || !predicts_only) total += iterations;
    if (is_es && !predicts_only) total += iterations + 1;
  }
  return total;
}

}  // namespace

StudyResult RunEsVsSgd(const EsVsSgd& study, const StudyContext& context, StudyProgress& progress) {
  const FileLock lock = TakeFolder(study, context.dir);
  StudyResult result = EmptyResult(study);
  progress.iterations_total = TotalIterations(study, context.predicts_only);
  GradientStage gradients(study, context, progress, result);
  gradients.Run();
  context.show(result);
  if (progress.watch.cancel) throw Cancelled();
  if (context.predicts_only) return result;
  Correlate(study, context, gradients, progress.watch, result);
  for (size_t i = 0; i < study.curves.size(); ++i) {
    if (study.curves[i].options.method != LearningMethod::kEs) continue;
    context.show(result);
    RunEs(study.curves[i], context, progress, result.curves[i]);
  }
  context.show(result);
  return result;
}

double MeasureImageRate(const EsVsSgd& study, const EvaluatorOptions& compute, Watch& watch) {
  ExperimentConfig config = study.config;
  CloudOptions& cloud = config.algorithm.options.As<EsOptions>().strategy.cloud;
  cloud.population_size = kMeasuredMembers;
  const Setup setup = MakeSetup(config);
  const auto algorithm = MakeAlgorithm(config, *setup.task, compute);
  const auto evaluator = MakeLocalEvaluator(*setup.task, compute, watch);
  double seconds = 0;
  uint64_t images = 0;
  for (bool has_trained = false; !has_trained;) {
    const Plan plan = algorithm->Ask();
    has_trained = plan.round == std::string("train");
    const double start = compute.clock();
    const Evaluation evaluation = evaluator->Run(plan);
    algorithm->Tell(plan, evaluation.results);
    seconds = compute.clock() - start;
    images = evaluation.steps_run;
  }
  return static_cast<double>(images) / seconds / compute.threads;
}

}  // namespace dne
