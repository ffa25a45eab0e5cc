// SPDX-License-Identifier: MIT
// What perturbations did to policies, as tables and as a page with a box plot like 1712.06568,
// figure 8.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dne/base/json_text.h"
#include "dne/studies/robustness.h"

namespace dne {
namespace {

using nlohmann::json;

json Box(const NamedRobustness& policy) {
  const BoxStatistics& box = policy.robustness.box;
  const json name = {policy.name};
  // The points to draw beyond the whiskers, and the whiskers' own: a box without points is not
  // drawn.
  std::vector<double> points = box.outliers;
  points.insert(points.end(), {box.lower_whisker, box.upper_whisker});
  return {{"type", "box"},
          {"name", policy.name},
          {"orientation", "h"},  // room for names
          {"y", name},
          {"x", json::array({points})},
          {"median", {box.median}},
          {"q1", {box.lower_quartile}},
          {"q3", {box.upper_quartile}},
          {"lowerfence", {box.lower_whisker}},
          {"upperfence", {box.upper_whisker}},
          {"boxpoints", "outliers"},
          {"showlegend", false}};
}

std::string Ratio(double ratio) { return fmt::format("{:.3f}", ratio); }

}  // namespace

std::vector<std::string> RobustnessTableHead() {
  return {"policy", "unperturbed score", "median ratio", "quartiles", "whiskers", "outliers"};
}

std::vector<std::vector<std::string>> RobustnessTable(std::span<const NamedRobustness> policies) {
  std::vector<std::vector<std::string>> table;
  for (const auto& [name, robustness] : policies) {
    const BoxStatistics& box = robustness.box;
    table.push_back({name, fmt::format("{:.1f}", robustness.unperturbed), Ratio(box.median),
                     Ratio(box.lower_quartile) + " to " + Ratio(box.upper_quartile),
                     Ratio(box.lower_whisker) + " to " + Ratio(box.upper_whisker),
                     std::to_string(box.outliers.size())});
  }
  return table;
}

std::vector<std::string> RobustnessPairsHead() {
  return {"policy", "and policy", "Mann-Whitney U", "p"};
}

std::vector<std::vector<std::string>> RobustnessPairs(std::span<const NamedRobustness> policies) {
  std::vector<std::vector<std::string>> table;
  for (size_t i = 0; i < policies.size(); ++i) {
    for (size_t j = i + 1; j < policies.size(); ++j) {
      const RankTest test =
          MannWhitney(policies[i].robustness.ratios, policies[j].robustness.ratios);
      table.push_back({policies[i].name, policies[j].name, fmt::format("{:.1f}", test.u),
                       fmt::format("{:.3g}", test.p)});
    }
  }
  return table;
}

Report RobustnessReport(std::span<const NamedRobustness> policies, const RobustnessOptions& options,
                        std::string_view origin) {
  Report report("Robustness of policies to noise on their weights");
  report.AddText(fmt::format(
      "Normal noise of standard deviation {} was added to all weights of each policy, {} times. "
      "Ratio: the mean score of a perturbed policy over {} episodes, divided by the unperturbed "
      "policy's over {} (1712.06568, section 4.1).",
      options.sigma, options.perturbations, options.episodes, options.baseline_episodes));
  report.AddText(origin);
  report.AddTable(RobustnessTableHead(), RobustnessTable(policies));
  json boxes;
  for (const NamedRobustness& policy : policies) boxes.push_back(Box(policy));
  const json layout = {{"height", 160 + 60 * policies.size()},
                       {"yaxis", {{"automargin", true}, {"autorange", "reversed"}}},
                       {"xaxis", {{"title", {{"text", "ratio"}}}, {"rangemode", "tozero"}}}};
  report.AddChart("Scores of perturbed policies, relative to the unperturbed one", JsonText(boxes),
                  JsonText(layout));
  if (policies.size() > 1) report.AddTable(RobustnessPairsHead(), RobustnessPairs(policies));
  return report;
}

}  // namespace dne
