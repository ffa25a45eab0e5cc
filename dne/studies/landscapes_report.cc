// SPDX-License-Identifier: MIT
// The landscape study's page: the table, and for each run its way over the landscape and the two
// curves of 1712.06568, figure 3.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "dne/base/json_text.h"
#include "dne/studies/landscapes.h"

namespace dne {
namespace {

using nlohmann::json;

constexpr int kPixels = 101;       // of a heat map's side
constexpr size_t kMaxFrames = 50;  // of an animation
constexpr int kChartWidth = 620;

constexpr const char* kIntroduction =
    "Evolution strategies climb the mean fitness of their cloud, not the fitness at its mean "
    "(1712.06568). Each chart shows one of the paper's runs: the way of the cloud's mean over the "
    "landscape, and the cloud where the slider stands. The curves below it show how much better or "
    "worse the cloud does than its mean.";

// Keeps the page small: nobody sees more.
double Rounded(double value) { return std::round(value * 1000) / 1000; }

json HeatMap(Landscape landscape) {
  json axis;
  json rows;
  for (int i = 0; i < kPixels; ++i) axis.push_back(Rounded(-1 + 2.0 * i / (kPixels - 1)));
  for (const double y : axis) {
    json row;
    for (const double x : axis) row.push_back(Rounded(LandscapeFitness(landscape, x, y)));
    rows.push_back(row);
  }
  return {{"type", "heatmap"},       {"x", axis},          {"y", axis}, {"z", rows},
          {"colorscale", "Viridis"}, {"hoverinfo", "skip"}};
}

json Way(const LandscapeRun& run) {
  json way = {{"name", "way of the mean"}, {"mode", "lines"}, {"line", {{"color", "white"}}}};
  for (const LandscapeStep& step : run.steps) {
    way["x"].push_back(Rounded(step.x));
    way["y"].push_back(Rounded(step.y));
  }
  return way;
}

json Cloud(const LandscapeStep& step) {
  json cloud = {{"x", json::array()}, {"y", json::array()}};
  for (const auto& [x, y] : step.cloud) {
    cloud["x"].push_back(Rounded(double{x}));
    cloud["y"].push_back(Rounded(double{y}));
  }
  return cloud;
}

json MeanPoint(const LandscapeStep& step) {
  return {{"x", {Rounded(step.x)}}, {"y", {Rounded(step.y)}}};
}

json Marked(json points, const char* name, const char* colour, int size) {
  points.update(
      {{"name", name}, {"mode", "markers"}, {"marker", {{"color", colour}, {"size", size}}}});
  return points;
}

// The iterations that are drawn, the last one among them.
std::vector<size_t> FrameSteps(const LandscapeRun& run) {
  const size_t last = run.steps.size() - 1;
  const size_t count = std::min(last, kMaxFrames - 1);
  std::vector<size_t> steps;
  for (size_t i = 0; i <= count; ++i) steps.push_back(count == 0 ? 0 : i * last / count);
  return steps;
}

json Frames(const LandscapeRun& run) {
  json frames;
  for (const size_t i : FrameSteps(run)) {
    frames.push_back({{"name", std::to_string(i)},
                      {"traces", {2, 3}},
                      {"data", {Cloud(run.steps[i]), MeanPoint(run.steps[i])}}});
  }
  return frames;
}

// How frames follow each other: at once, so that a slider answers. Heat maps vanish unless redrawn.
json Animation(int milliseconds) {
  return {{"mode", "immediate"},
          {"fromcurrent", true},
          {"frame", {{"duration", milliseconds}, {"redraw", true}}},
          {"transition", {{"duration", 0}}}};
}

json Slider(const LandscapeRun& run) {
  json steps;
  for (const size_t i : FrameSteps(run)) {
    const std::string name = std::to_string(i);
    steps.push_back(
        {{"label", name}, {"method", "animate"}, {"args", {json::array({name}), Animation(0)}}});
  }
  return {{"steps", steps}, {"currentvalue", {{"prefix", "iteration "}}}, {"pad", {{"t", 40}}}};
}

json Buttons() {
  const json play = {{"label", "Play"}, {"method", "animate"}, {"args", {nullptr, Animation(80)}}};
  const json pause = {
      {"label", "Pause"}, {"method", "animate"}, {"args", {json::array({nullptr}), Animation(0)}}};
  return {{"type", "buttons"}, {"direction", "left"}, {"buttons", {play, pause}}, {"x", 0},
          {"y", 1.12},         {"xanchor", "left"}};
}

json MapLayout(const LandscapeRun& run) {
  json layout = {{"width", kChartWidth},
                 {"height", kChartWidth + 40},
                 {"legend", {{"orientation", "h"}, {"x", 0.35}, {"y", 1.1}}},
                 {"xaxis", {{"range", {-1, 1}}, {"title", {{"text", "x"}}}}},
                 {"yaxis", {{"range", {-1, 1}}, {"title", {{"text", "y"}}}}}};
  if (run.row.sigma) {
    layout["sliders"] = {Slider(run)};
    layout["updatemenus"] = {Buttons()};
  }
  return layout;
}

void AddMap(const LandscapeRun& run, const std::string& name, Report& report) {
  json data = {HeatMap(run.row.landscape), Way(run)};
  if (run.row.sigma) data.push_back(Marked(Cloud(run.steps.front()), "cloud", "#ff9f6b", 3));
  const size_t shown = run.row.sigma ? 0 : run.steps.size() - 1;
  data.push_back(Marked(MeanPoint(run.steps[shown]), "mean", "red", 9));
  report.AddChart(name, JsonText(data), JsonText(MapLayout(run)),
                  run.row.sigma ? JsonText(Frames(run)) : "[]");
}

void AddCurves(const LandscapeRun& run, const std::string& name, Report& report) {
  json at_mean = {{"name", "fitness at the mean"}};
  json expected = {{"name", "expected over the cloud"}};
  for (const LandscapeStep& step : run.steps) {
    at_mean["y"].push_back(Rounded(step.heights.at_mean));
    expected["y"].push_back(Rounded(step.heights.expected));
  }
  const json layout = {{"width", kChartWidth},
                       {"height", 300},
                       {"margin", {{"t", 30}}},
                       {"legend", {{"orientation", "h"}, {"y", 1.2}}},
                       {"xaxis", {{"title", {{"text", "iteration"}}}}},
                       {"yaxis", {{"title", {{"text", "fitness"}}}}}};
  report.AddChart(name + ": fitness", JsonText(json{at_mean, expected}), JsonText(layout));
}

}  // namespace

Report LandscapeReport(std::span<const LandscapeRun> runs, std::string_view origin) {
  Report report("Evolution strategies on five landscapes");
  report.AddText(kIntroduction);
  report.AddText(origin);
  report.AddTable(LandscapeTableHead(), LandscapeTable(runs));
  for (const LandscapeRun& run : runs) {
    const std::string name =
        LandscapeNames()[static_cast<size_t>(run.row.landscape)] + ", " + run.row.Method();
    AddMap(run, name, report);
    if (run.row.sigma) AddCurves(run, name, report);
  }
  return report;
}

}  // namespace dne
