// SPDX-License-Identifier: MIT
// The study "On the relationship between the OpenAI evolution strategy and stochastic gradient
// descent" (1712.06564) on any network and any images (docs/es-vs-sgd.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dne/algorithms/es.h"
#include "dne/evaluate/evaluator.h"
#include "dne/experiment/config.h"
#include "dne/report/report.h"
#include "dne/store/store.h"
#include "dne/studies/gradient_correlation.h"
#include "dne/studies/gradient_run.h"

namespace dne {

enum class LearningMethod {
  kSgd,    // the gradient of the iteration's mini-batch
  kProxy,  // the same with noise (section 4)
  kEs,     // a run of the evolution strategy, and what is predicted of it
};

struct CurveOptions {
  std::string name;
  LearningMethod method = LearningMethod::kSgd;
  double correlation = 0.04;  // of a proxy
  std::string set;            // "key=value key=value": what is another than in the rest of the file

  void Visit(Fields& fields);
};

struct StudyOptions {
  int correlation_population = 0;  // 0: correlations are not measured
  std::vector<CurveOptions> curves;

  void Visit(Fields& fields);
};

// One curve's experiment: an ES of supervised learning, whose optimiser SGD and proxies use as
// well.
struct StudyCurve {
  CurveOptions options;
  ExperimentConfig config;
};

struct EsVsSgd {
  ExperimentConfig config;
  StudyOptions options;
  std::vector<StudyCurve> curves;
  std::string text;  // all of it, as TOML
};

// An experiment file with a section [study]. Throws Error that lists all mistakes of the file, or
// of one curve's `set`.
EsVsSgd LoadEsVsSgd(const std::filesystem::path& path, Overrides overrides);

// Of a study's experiment, which is one of an ES with a number of iterations.
const EsOptions& EsOf(const ExperimentConfig& config);
uint64_t IterationsOf(const ExperimentConfig& config);

// Where a learner was, iteration by iteration, as far as it was looked at. `images` counts those
// that members or gradients saw in training.
struct StudyLook {
  uint64_t iteration = 0;
  uint64_t images = 0;
  double accuracy = 0;
  double loss = 0;
  std::optional<double> mean_accuracy;  // of the mean of the iterates
};

struct CurveResult {
  CurveOptions options;
  uint64_t images_per_iteration = 0;
  uint64_t iterations = 0;           // that it was to make
  std::vector<StudyLook> looks;      // none: not made
  std::vector<StudyLook> predicted;  // of ES: by the noise of its estimate
};

struct StudyResult {
  std::string name;
  size_t num_parameters = 0;
  std::vector<CurveResult> curves;
  std::vector<Correlations> correlations;
};

struct StudyContext {
  std::filesystem::path dir;  // what is there is gone on with
  EvaluatorOptions compute;
  bool predicts_only = false;  // neither runs of ES nor anything else but predictions of them
  // Called on the caller's thread as soon as there is something new to show.
  std::function<void(const StudyResult&)> show;
};

struct StudyProgress {
  Watch watch;
  std::atomic<uint64_t> iterations_done{0};
  std::atomic<uint64_t> iterations_total{0};
};

// Gradient runs side by side, one a thread, then correlations, then the runs of ES one after the
// other, each in a folder of its own that `dne show` and the like read. A kill costs seconds of an
// ES, and of gradient runs what came after their last look. Throws Error where the folder holds
// another study, or the same of other images, or is in use, and where a run breaks, Cancelled once
// the watch says cancel.
StudyResult RunEsVsSgd(const EsVsSgd& study, const StudyContext& context, StudyProgress& progress);

// Images that members see in a second of one core, by the experiment's own members.
double MeasureImageRate(const EsVsSgd& study, const EvaluatorOptions& compute, Watch& watch);

std::vector<std::string> CurveTableHead();
std::vector<std::vector<std::string>> CurveTable(const StudyResult& result);
std::vector<std::string> CorrelationTableHead();
std::vector<std::vector<std::string>> CorrelationTable(const StudyResult& result);
// What ES costs by prediction: at the end, and at accuracies on the way.
std::vector<std::string> PredictionTableHead();
std::vector<std::vector<std::string>> PredictionTable(const StudyResult& result,
                                                      double images_per_second);

// `origin`: what made it (command, build, seed), for the page's head.
Report EsVsSgdReport(const StudyResult& result, std::string_view origin);

}  // namespace dne
