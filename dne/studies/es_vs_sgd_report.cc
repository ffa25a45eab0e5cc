// SPDX-License-Identifier: MIT
// The study's tables, and its page: curves like those of 1712.06564, figures 1 to 4, and what is
// predicted of them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "dne/base/json_text.h"
#include "dne/studies/es_vs_sgd.h"

namespace dne {
namespace {

using nlohmann::json;

// Of predictions.
constexpr std::array<double, 5> kMilestones = {0.95, 0.97, 0.98, 0.985, 0.99};

constexpr const char* kIntroduction =
    "An evolution strategy estimates the gradient that SGD computes (1712.06564). With m "
    "antithetic "
    "pairs and D parameters the cosine between the two is sqrt(m / (m + D)), so that SGD with as "
    "much noise in its gradient, the proxy, shows what the evolution strategy would learn. Where "
    "each pair has a mini-batch of its own, the noise in every direction has the variance of a "
    "mini-batch's squared gradient divided by the number of pairs. Dashed lines are predicted this "
    "way.";

std::string Percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string MethodText(const CurveOptions& curve) {
  switch (curve.method) {
    case LearningMethod::kSgd:
      return "SGD";
    case LearningMethod::kProxy:
      return fmt::format("proxy, correlation {}", curve.correlation);
    case LearningMethod::kEs:
      return "ES";
  }
  return "";
}

std::string LastAccuracy(const std::vector<StudyLook>& looks) {
  return looks.empty() ? "" : Percent(looks.back().accuracy);
}

std::string LastMeanAccuracy(const std::vector<StudyLook>& looks) {
  if (looks.empty() || !looks.back().mean_accuracy) return "";
  return Percent(*looks.back().mean_accuracy);
}

// x: what of a look to draw against; log scales leave out its zero.
json Trace(const std::string& name, const std::vector<StudyLook>& looks,
           uint64_t StudyLook::*against, size_t colour, bool dashed) {
  constexpr std::array<const char*, 8> kColours = {"#1f77b4", "#ff7f0e", "#2ca02c", "#d62728",
                                                   "#9467bd", "#8c564b", "#e377c2", "#17becf"};
  json x = json::array();
  json y = json::array();
  for (const StudyLook& look : looks) {
    if (look.*against == 0) continue;
    x.push_back(look.*against);
    y.push_back(std::round(1e6 * look.accuracy) / 1e4);
  }
  return {{"x", x},
          {"y", y},
          {"name", name},
          {"mode", "lines"},
          {"line",
           {{"color", kColours[colour % kColours.size()]}, {"dash", dashed ? "dash" : "solid"}}}};
}

void AddCurves(const StudyResult& result, const char* caption, const char* title, const char* scale,
               uint64_t StudyLook::*against, Report& report) {
  json traces = json::array();
  for (size_t i = 0; i < result.curves.size(); ++i) {
    const CurveResult& curve = result.curves[i];
    if (!curve.looks.empty()) {
      traces.push_back(Trace(curve.options.name, curve.looks, against, i, false));
    }
    if (!curve.predicted.empty()) {
      traces.push_back(
          Trace(curve.options.name + ", predicted", curve.predicted, against, i, true));
    }
  }
  if (traces.empty()) return;
  const json layout = {{"xaxis", {{"title", {{"text", title}}}, {"type", scale}}},
                       {"yaxis", {{"title", {{"text", "accuracy on the test set, %"}}}}}};
  report.AddChart(caption, JsonText(traces), JsonText(layout));
}

json LawTrace(const Correlations& correlations) {
  json x = json::array();
  json y = json::array();
  for (const Correlation& each : correlations.all) {
    x.push_back(each.population);
    y.push_back(each.expected);
  }
  return {{"x", x}, {"y", y}, {"name", "sqrt(m / (m + D))"}, {"mode", "lines"}};
}

void AddCorrelations(const StudyResult& result, Report& report) {
  if (result.correlations.empty()) return;
  json traces = json::array({LawTrace(result.correlations.front())});
  for (const Correlations& correlations : result.correlations) {
    json by_shaping;
    for (const Correlation& each : correlations.all) {
      json& trace = by_shaping[each.shaping];
      trace["name"] = each.shaping + ", " + correlations.where;
      trace["mode"] = "markers";
      trace["x"].push_back(each.population);
      trace["y"].push_back(each.cosine);
      trace["error_y"]["type"] = "data";
      trace["error_y"]["array"].push_back(each.deviation);
    }
    for (const json& trace : by_shaping) traces.push_back(trace);
  }
  const json layout = {{"xaxis", {{"title", {{"text", "members"}}}, {"type", "log"}}},
                       {"yaxis", {{"title", {{"text", "cosine"}}}, {"type", "log"}}}};
  report.AddChart("The cosine between a mini-batch's gradient and its estimate by so many members.",
                  JsonText(traces), JsonText(layout));
  report.AddTable(CorrelationTableHead(), CorrelationTable(result));
}

// The first look with so much accuracy; null: none.
const StudyLook* FirstWith(const std::vector<StudyLook>& looks, double accuracy) {
  const auto found =
      std::ranges::find_if(looks, [&](const StudyLook& look) { return look.accuracy >= accuracy; });
  return found == looks.end() ? nullptr : &*found;
}

std::string CoreHours(uint64_t images, double images_per_second) {
  return fmt::format("{:.2f}", static_cast<double>(images) / images_per_second / 3600);
}

}  // namespace

std::vector<std::string> CurveTableHead() {
  return {"curve",    "method",    "iterations",      "images an iteration",
          "accuracy", "predicted", "mean of iterates"};
}

std::vector<std::vector<std::string>> CurveTable(const StudyResult& result) {
  std::vector<std::vector<std::string>> table;
  for (const CurveResult& curve : result.curves) {
    const std::vector<StudyLook>& looks = curve.looks.empty() ? curve.predicted : curve.looks;
    if (looks.empty()) continue;
    const bool has_mean = looks.back().mean_accuracy.has_value();
    table.push_back(
        {curve.options.name, MethodText(curve.options), std::to_string(looks.back().iteration),
         std::to_string(curve.images_per_iteration), LastAccuracy(curve.looks),
         LastAccuracy(curve.predicted), LastMeanAccuracy(has_mean ? looks : curve.predicted)});
  }
  return table;
}

std::vector<std::string> CorrelationTableHead() {
  return {"where", "members", "fitness", "cosine", "expected", "deviations off"};
}

std::vector<std::vector<std::string>> CorrelationTable(const StudyResult& result) {
  std::vector<std::vector<std::string>> table;
  for (const Correlations& correlations : result.correlations) {
    for (const Correlation& each : correlations.all) {
      table.push_back({correlations.where, std::to_string(each.population), each.shaping,
                       fmt::format("{:.5f}", each.cosine), fmt::format("{:.5f}", each.expected),
                       fmt::format("{:+.1f}", (each.cosine - each.expected) / each.deviation)});
    }
  }
  return table;
}

std::vector<std::string> PredictionTableHead() {
  return {"curve", "accuracy", "iterations", "images", "core-hours"};
}

std::vector<std::vector<std::string>> PredictionTable(const StudyResult& result,
                                                      double images_per_second) {
  std::vector<std::vector<std::string>> table;
  const auto add = [&](const CurveResult& curve, const StudyLook& look) {
    table.push_back({curve.options.name, Percent(look.accuracy), std::to_string(look.iteration),
                     std::to_string(look.images), CoreHours(look.images, images_per_second)});
  };
  for (const CurveResult& curve : result.curves) {
    if (curve.predicted.empty()) continue;
    for (const double milestone : kMilestones) {
      const StudyLook* look = FirstWith(curve.predicted, milestone);
      if (look != nullptr) {
        add(curve, *look);
      } else {
        table.push_back({curve.options.name, Percent(milestone),
                         fmt::format("more than {}", curve.predicted.back().iteration), "", ""});
      }
    }
    add(curve, curve.predicted.back());
  }
  return table;
}

Report EsVsSgdReport(const StudyResult& result, std::string_view origin) {
  Report report("ES against SGD: " + result.name);
  report.AddText(kIntroduction);
  report.AddText(origin);
  report.AddText(
      fmt::format("The network has {} parameters. Accuracies are those of the whole test "
                  "set, a mini-batch's images count once for each member that sees them.",
                  result.num_parameters));
  report.AddTable(CurveTableHead(), CurveTable(result));
  AddCurves(result, "Accuracy against iterations.", "iteration", "linear", &StudyLook::iteration,
            report);
  AddCurves(result, "Accuracy against images seen in training.", "images", "log",
            &StudyLook::images, report);
  AddCorrelations(result, report);
  return report;
}

}  // namespace dne
