// SPDX-License-Identifier: MIT
#include "dne/experiment/run_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dne/base/error.h"
#include "dne/base/json_text.h"
#include "dne/experiment/config.h"
#include "dne/experiment/floor_view.h"

namespace dne {
namespace {

using Json = nlohmann::json;

ExperimentConfig ConfigOf(const RunStore& run) {
  return ParseStoredConfig(run.info().config, "its configuration");
}

std::string Number(const GenerationRecord& record, const char* metric, const char* format) {
  const auto found = record.metrics.find(metric);
  return found == record.metrics.end() ? "" : fmt::format(fmt::runtime(format), found->second);
}

void AddOverview(std::span<const NamedRun> runs, Report& report) {
  std::vector<std::vector<std::string>> rows;
  for (const NamedRun& named : runs) {
    const RunInfo& info = named.run->info();
    const auto last = named.run->LastGeneration();
    rows.push_back({named.name, ConfigOf(*named.run).name, std::to_string(info.seed),
                    info.dne_version + ", " + info.build, info.machine,
                    last ? std::to_string(last->generation + 1) : "0",
                    last ? Number(*last, "steps_total", "{:.0f}") : "",
                    last ? Number(*last, "elite_validation", "{:.1f}") : "",
                    last ? fmt::format("{:016x}", last->digest) : ""});
  }
  report.AddTable({"run", "experiment", "seed", "dne", "machine", "generations", "steps",
                   "elite, validation", "digest"},
                  rows);
}

void AddCurves(std::span<const NamedRun> runs, Report& report) {
  Json traces = Json::array();
  for (const NamedRun& named : runs) {
    Json steps = Json::array();
    Json scores = Json::array();
    for (const GenerationRecord& record : named.run->Generations()) {
      const auto validation = record.metrics.find("elite_validation");
      const auto total = record.metrics.find("steps_total");
      if (validation == record.metrics.end() || total == record.metrics.end()) continue;
      steps.push_back(total->second);
      scores.push_back(validation->second);
    }
    traces.push_back({{"x", steps}, {"y", scores}, {"name", named.name}, {"mode", "lines"}});
  }
  const Json layout = {{"xaxis", {{"title", {{"text", "steps"}}}}},
                       {"yaxis", {{"title", {{"text", "elite, validation mean"}}}}}};
  report.AddChart("The elite's validation mean against the steps of training and validation.",
                  JsonText(traces), JsonText(layout));
}

// Where episodes ended, brighter the later a generation first came there.
Json PlacesOf(const FloorView& view, const std::string& name) {
  Json x = Json::array();
  Json y = Json::array();
  Json generations = Json::array();
  for (const FinalPlace& place : view.places) {
    x.push_back(place.at[0]);
    y.push_back(place.at[1]);
    generations.push_back(place.generation);
  }
  return {{"x", x},
          {"y", y},
          {"name", name},
          {"mode", "markers"},
          {"marker",
           {{"size", 4}, {"opacity", 0.6}, {"color", generations}, {"colorscale", "Viridis"}}}};
}

Json PathOf(const FloorView& view) {
  Json x = Json::array();
  Json y = Json::array();
  for (const FloorPoint& place : view.path) {
    x.push_back(place[0]);
    y.push_back(place[1]);
  }
  return {
      {"x", x}, {"y", y}, {"name", "champion"}, {"mode", "lines"}, {"line", {{"color", "red"}}}};
}

Json MarkOf(const FloorPoint& place, const char* name, const char* colour) {
  return {{"x", {place[0]}},
          {"y", {place[1]}},
          {"name", name},
          {"mode", "markers"},
          {"marker", {{"size", 14}, {"symbol", "circle-open"}, {"color", colour}}}};
}

Json TracesOf(const FloorView& view, const std::string& name) {
  Json traces = Json::array({PlacesOf(view, name)});
  if (view.plan.start) traces.push_back(MarkOf(*view.plan.start, "start", "grey"));
  if (view.plan.goal) traces.push_back(MarkOf(*view.plan.goal, "goal", "green"));
  if (!view.path.empty()) traces.push_back(PathOf(view));
  return traces;
}

Json ShapesOf(const FloorPlan& plan) {
  Json shapes = Json::array();
  for (const FloorSegment& wall : plan.segments) {
    shapes.push_back({{"type", "line"},
                      {"x0", wall.from[0]},
                      {"x1", wall.to[0]},
                      {"y0", wall.from[1]},
                      {"y1", wall.to[1]},
                      {"line", {{"color", "black"}, {"width", 2}}}});
  }
  for (const FloorRectangle& wall : plan.rectangles) {
    shapes.push_back({{"type", "rect"},
                      {"x0", wall.x - wall.half_x},
                      {"x1", wall.x + wall.half_x},
                      {"y0", wall.y - wall.half_y},
                      {"y1", wall.y + wall.half_y},
                      {"fillcolor", "grey"},
                      {"line", {{"width", 0}}}});
  }
  return shapes;
}

// One chart a run: they would hide each other.
void AddPlaces(std::span<const NamedRun> runs, Report& report) {
  for (const NamedRun& named : runs) {
    const FloorView view = ViewOfRun(*named.run, ConfigOf(*named.run), named.path);
    const std::string unit(view.plan.unit);
    Json y_axis = {{"title", {{"text", "y, " + unit}}}, {"scaleanchor", "x"}};
    if (view.plan.y_points_down) y_axis["autorange"] = "reversed";
    const Json layout = {{"shapes", ShapesOf(view.plan)},
                         {"xaxis", {{"title", {{"text", "x, " + unit}}}}},
                         {"yaxis", y_axis}};
    report.AddChart(named.name +
                        ": where episodes ended in training and validation, seen from above. The "
                        "colour is the first generation that came there, dark the first of all.",
                    JsonText(TracesOf(view, named.name)), JsonText(layout));
  }
}

}  // namespace

Report RunReport(std::span<const NamedRun> runs) {
  DNE_CHECK(!runs.empty());
  Report report(runs.size() == 1 ? runs.front().name : fmt::format("{} runs", runs.size()));
  AddOverview(runs, report);
  AddCurves(runs, report);
  const bool have_places = std::ranges::all_of(runs, [](const NamedRun& named) {
    return ConfigOf(*named.run).task.kind->floor_plan != nullptr;
  });
  if (have_places) AddPlaces(runs, report);
  return report;
}

}  // namespace dne
