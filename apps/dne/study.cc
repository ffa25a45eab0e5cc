// SPDX-License-Identifier: MIT
// `dne study`: the papers' experiments, next to what the papers show.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/dne/command.h"
#include "apps/dne/live_line.h"
#include "apps/dne/report_words.h"
#include "apps/dne/study_es_vs_sgd.h"
#include "dne/base/json_text.h"
#include "dne/base/nearest.h"
#include "dne/studies/landscapes.h"

namespace dne::app {
namespace {

struct LandscapeWords {
  std::string landscape;  // empty: all
  std::string out = "landscapes.html";
  uint64_t seed = 1;
  bool json = false;
  ComputeOptions compute;
};

// An empty text for a landscape's name.
std::string LandscapeMistake(const std::string& name) {
  const std::vector<std::string> names = LandscapeNames();
  return std::ranges::find(names, name) != names.end() ? "" : UnknownName("landscape", name, names);
}

std::vector<LandscapeRow> RowsOf(const std::string& landscape) {
  std::vector<LandscapeRow> rows;
  for (const LandscapeRow& row : LandscapeRows()) {
    if (landscape.empty() || row.landscape == LandscapeFromName(landscape)) rows.push_back(row);
  }
  return rows;
}

std::string Text(std::span<const LandscapeRun> runs, const std::string& out) {
  return TextTable(LandscapeTableHead(), LandscapeTable(runs)) + fmt::format("\nCharts: {}\n", out);
}

std::string Json(std::span<const LandscapeRun> runs, uint64_t seed, const std::string& out) {
  nlohmann::ordered_json rows;
  for (const LandscapeRun& run : runs) {
    const LandscapeStep& last = run.steps.back();
    nlohmann::ordered_json row = {
        {"landscape", LandscapeNames()[static_cast<size_t>(run.row.landscape)]},
        {"sigma", nullptr},
        {"iterations", run.steps.size()},
        {"published", run.row.published},
        {"rest", run.rest()},
        {"accepted_low", run.row.low},
        {"accepted_high", run.row.high},
        {"as_published", run.as_published()},
        {"fitness_at_mean", last.heights.at_mean},
        {"fitness_expected", last.heights.expected}};
    if (run.row.sigma) row["sigma"] = *run.row.sigma;
    rows.push_back(row);
  }
  return JsonText(nlohmann::ordered_json{{"seed", seed}, {"report", out}, {"runs", rows}}) + "\n";
}

std::string CommandLine(const LandscapeWords& words) {
  return "dne study landscapes" +
         (words.landscape.empty() ? "" : " --landscape " + ShellWord(words.landscape)) +
         fmt::format(" --seed {}", words.seed);
}

void StudyLandscapes(const LandscapeWords& words) {
  const EvaluatorOptions options = words.compute.Resolve();
  CheckReportPath(words.out);
  const std::vector<LandscapeRow> rows = RowsOf(words.landscape);
  Interruptible([&](Watch& watch) {
    std::vector<LandscapeRun> runs;
    {
      const LiveLine line([&] {
        return fmt::format("{} points looked at",
                           Thousands(static_cast<double>(watch.steps_run.load())));
      });
      runs = RunLandscapes(rows, words.seed, options, watch);
    }
    LandscapeReport(runs, ReportOrigin(CommandLine(words), words.seed)).Write(words.out);
    fmt::print("{}", words.json ? Json(runs, words.seed, words.out) : Text(runs, words.out));
  });
}

}  // namespace

void AddStudyCommand(CLI::App& app) {
  CLI::App* study = app.add_subcommand("study", "Repeat a paper's experiment and compare");
  study->footer("Example: dne study landscapes");
  study->require_subcommand(1);
  AddEsVsSgdStudy(*study);
  CLI::App* command = study->add_subcommand(
      "landscapes", "Where evolution strategies and finite differences come to rest (1712.06568)");
  auto words = std::make_shared<LandscapeWords>();
  command
      ->add_option("--landscape", words->landscape,
                   "Only this one: " + fmt::format("{}", fmt::join(LandscapeNames(), ", ")))
      ->check(CLI::Validator(LandscapeMistake, ""));
  command->add_option("--out", words->out, "The report, an HTML file (default: landscapes.html)");
  command->add_option("--seed", words->seed, "The clouds' noise follows from it (default: 1)")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--json", words->json, "One JSON object");
  AddComputeOptions(*command, words->compute);
  command->footer("Example: dne study landscapes --landscape donut --out donut.html");
  command->callback([words] { StudyLandscapes(*words); });
}

}  // namespace dne::app
