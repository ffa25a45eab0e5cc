// SPDX-License-Identifier: MIT
#include "dne/bench/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "dne/base/json_text.h"

namespace dne {
namespace {

constexpr const char* kRate = "steps/s";

// Whole numbers from a hundred on.
std::string Number(double value) {
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

Spread Exactly(double value) { return {.median = value, .low = value, .high = value}; }

Spread Percent(double share) { return Exactly(100 * share); }

std::string BenchTableHead(const BenchOrigin& origin) {
  return fmt::format(
      "dne {}, {}\n{}, code path {}\n{} repeats of {} s ({}) after a warm-up: median (least .. "
      "most); "
      "{}\n\n{:<17} {:<11} {:>7}  {:>18} {:<19} {:>9}  {}\n",
      origin.version, origin.build, origin.machine, origin.isa, origin.repeats, origin.seconds,
      origin.clock, origin.note, "environment", "network", "threads", "value", "", "a thread",
      "what");
}

std::string BenchTableLine(const BenchRow& row) {
  const Spread& value = row.value;
  const std::string range = value.low == value.high
                                ? ""
                                : fmt::format("({} .. {})", Number(value.low), Number(value.high));
  const std::string each = row.unit == kRate ? Number(value.median / row.threads) : "";
  return fmt::format("{:<17} {:<11} {:>7}  {:>10} {:<7} {:<19} {:>9}  {}\n",
                     row.environment.empty() ? "-" : row.environment,
                     row.network.empty() ? "-" : row.network, row.threads, Number(value.median),
                     row.unit, range, each, row.measure);
}

std::string BenchJson(const BenchOrigin& origin, std::span<const BenchRow> rows) {
  nlohmann::ordered_json json = {{"dne", origin.version},     {"build", origin.build},
                                 {"machine", origin.machine}, {"isa", origin.isa},
                                 {"clock", origin.clock},     {"seconds", origin.seconds},
                                 {"repeats", origin.repeats}, {"rows", nlohmann::json::array()}};
  for (const BenchRow& row : rows) {
    json["rows"].push_back({{"environment", row.environment},
                            {"network", row.network},
                            {"measure", row.measure},
                            {"threads", row.threads},
                            {"median", row.value.median},
                            {"low", row.value.low},
                            {"high", row.value.high},
                            {"unit", row.unit}});
  }
  return JsonText(json, 2) + "\n";
}

std::string BenchCsv(const BenchOrigin& origin, std::span<const BenchRow> rows) {
  std::string text =
      "dne,build,machine,isa,clock,seconds,repeats,environment,network,measure,threads,median,low,"
      "high,unit\n";
  for (const BenchRow& row : rows) {
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{:.6g},{:.6g},{:.6g},{}\n",
                        Quoted(origin.version), Quoted(origin.build), Quoted(origin.machine),
                        origin.isa, origin.clock, origin.seconds, origin.repeats, row.environment,
                        row.network, Quoted(row.measure), row.threads, row.value.median,
                        row.value.low, row.value.high, row.unit);
  }
  return text;
}

}  // namespace dne
