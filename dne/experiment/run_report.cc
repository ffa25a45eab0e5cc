// SPDX-License-Identifier: MIT
#include "dne/experiment/run_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dne/base/error.h"
#include "dne/base/json_text.h"
#include "dne/episode/descriptor.h"
#include "dne/experiment/config.h"

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

// Where the validated policies ended, a point an episode, brighter the later the generation.
Json PlacesOf(const NamedRun& named) {
  Json x = Json::array();
  Json y = Json::array();
  Json generations = Json::array();
  for (const GenerationRecord& record : named.run->Generations()) {
    for (const TrialRecord& trial : named.run->Trials(record.generation, "validate")) {
      for (const Episode& episode : trial.episodes) {
        const std::vector<double> place = PointFromDescriptor(episode.descriptor);
        if (place.size() < 2) continue;
        x.push_back(place[0]);
        y.push_back(place[1]);
        generations.push_back(record.generation);
      }
    }
  }
  return {{"x", x},
          {"y", y},
          {"name", named.name},
          {"mode", "markers"},
          {"marker",
           {{"size", 5}, {"opacity", 0.6}, {"color", generations}, {"colorscale", "Viridis"}}}};
}

Json WallsOf(const ExperimentConfig& config) {
  Json shapes = Json::array();
  for (const FloorRectangle& wall : config.task.kind->floor_plan(config.task.options)) {
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
    const Json layout = {{"shapes", WallsOf(ConfigOf(*named.run))},
                         {"xaxis", {{"title", {{"text", "x, metres"}}}}},
                         {"yaxis", {{"title", {{"text", "y, metres"}}}, {"scaleanchor", "x"}}}};
    report.AddChart(named.name +
                        ": where validated policies ended, seen from above. Each point is "
                        "an episode; the colour is the generation, dark the first.",
                    JsonText(Json::array({PlacesOf(named)})), JsonText(layout));
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
