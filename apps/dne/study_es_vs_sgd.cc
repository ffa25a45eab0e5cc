// SPDX-License-Identifier: MIT
// `dne study es-vs-sgd`: what evolution strategies learn of what SGD does.
#include "apps/dne/study_es_vs_sgd.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "apps/dne/live_line.h"
#include "apps/dne/report_words.h"
#include "dne/base/json_text.h"
#include "dne/studies/es_vs_sgd.h"

namespace dne::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

struct StudyWords {
  std::string config;
  std::string dir;
  std::vector<std::string> overrides;
  bool predict = false;
  bool json = false;
  ComputeOptions compute;
};

std::string CommandLine(const StudyWords& words, const fs::path& dir) {
  std::string line = "dne study es-vs-sgd " + ShellWord(words.config);
  if (words.predict) line += " --predict";
  for (const std::string& override : words.overrides) line += " --set " + ShellWord(override);
  return line + " --out " + ShellWord(dir.string());
}

std::string ProgressText(const StudyProgress& progress) {
  return fmt::format("{} of {} iterations, {} images",
                     Thousands(static_cast<double>(progress.iterations_done.load())),
                     Thousands(static_cast<double>(progress.iterations_total.load())),
                     Thousands(static_cast<double>(progress.watch.steps_run.load())));
}

ordered_json Json(const std::vector<StudyLook>& looks) {
  ordered_json all = ordered_json::array();
  for (const StudyLook& look : looks) {
    ordered_json each = {{"iteration", look.iteration},
                         {"images", look.images},
                         {"accuracy", look.accuracy},
                         {"loss", look.loss}};
    if (look.mean_accuracy) each["mean_accuracy"] = *look.mean_accuracy;
    all.push_back(each);
  }
  return all;
}

ordered_json Json(const StudyResult& result) {
  ordered_json curves = ordered_json::array();
  for (const CurveResult& curve : result.curves) {
    curves.push_back({{"name", curve.options.name},
                      {"looks", Json(curve.looks)},
                      {"predicted", Json(curve.predicted)}});
  }
  ordered_json correlations = ordered_json::array();
  for (const Correlations& at : result.correlations) {
    for (const Correlation& each : at.all) {
      correlations.push_back({{"where", at.where},
                              {"population", each.population},
                              {"fitness", each.shaping},
                              {"cosine", each.cosine},
                              {"expected", each.expected},
                              {"deviation", each.deviation}});
    }
  }
  return {{"study", result.name},
          {"parameters", result.num_parameters},
          {"curves", curves},
          {"correlations", correlations}};
}

std::string Text(const StudyResult& result, double images_per_second, const fs::path& report) {
  std::string text;
  if (images_per_second > 0) {
    text += TextTable(PredictionTableHead(), PredictionTable(result, images_per_second)) +
            fmt::format("\nA core of this machine sees {} images in a second, update left out.\n",
                        Thousands(images_per_second));
  } else {
    text += TextTable(CurveTableHead(), CurveTable(result));
  }
  if (!result.correlations.empty()) {
    text += "\n" + TextTable(CorrelationTableHead(), CorrelationTable(result));
  }
  return text + fmt::format("\nCharts: {}\n", report.string());
}

void Study(const StudyWords& words) {
  const EsVsSgd study = LoadEsVsSgd(words.config, words.overrides);
  const fs::path dir =
      words.dir.empty() ? fs::path("runs") / study.config.name : fs::path(words.dir);
  const fs::path page = dir / (words.predict ? "prediction.html" : "report.html");
  const std::string command = CommandLine(words, dir);
  StudyProgress progress;
  const InterruptScope interrupt(progress.watch);
  const StudyContext context{
      .dir = dir,
      .compute = words.compute.Resolve(),
      .predicts_only = words.predict,
      .show = [&](const StudyResult& result) {
        EsVsSgdReport(result, ReportOrigin(command, study.config.seed)).Write(page);
      }};
  StudyResult result;
  double images_per_second = 0;
  try {
    const LiveLine line([&] { return ProgressText(progress); });
    result = RunEsVsSgd(study, context, progress);
    if (words.predict) {
      images_per_second = MeasureImageRate(study, context.compute, progress.watch);
    }
  } catch (const Cancelled&) {
    fmt::print(stderr, "Interrupted. Continue with: {}\n", command);
    throw Exit{kExitInterrupted};
  }
  if (!words.json) return fmt::print("{}", Text(result, images_per_second, page));
  ordered_json all = Json(result);
  if (words.predict) all["images_per_second"] = images_per_second;
  all["report"] = page.string();
  fmt::print("{}\n", JsonText(all));
}

}  // namespace

void AddEsVsSgdStudy(CLI::App& study) {
  CLI::App* command = study.add_subcommand(
      "es-vs-sgd", "Evolution strategies beside SGD on images with labels (1712.06564)");
  auto words = std::make_shared<StudyWords>();
  command->add_option("config", words->config, "Study file (TOML): configs/studies/")->required();
  command->add_option("--out", words->dir,
                      "Its folder; what is there is gone on with (default: runs/NAME)");
  command->add_option("--set", words->overrides, "Change one value: --set budget.generations=100")
      ->take_all()
      ->expected(1);
  command->add_flag("--predict", words->predict,
                    "Only what is to be expected of ES, and what it costs");
  command->add_flag("--json", words->json, "One JSON object");
  AddComputeOptions(*command, words->compute);
  AddDeviceOption(*command, words->compute);
  command->footer("Example: dne study es-vs-sgd configs/studies/patches-es-vs-sgd.toml --predict");
  command->callback([words] { Study(*words); });
}

}  // namespace dne::app
