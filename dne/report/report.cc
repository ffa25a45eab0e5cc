// SPDX-License-Identifier: MIT
#include "dne/report/report.h"

#include <nlohmann/json.hpp>

#include "dne/base/error.h"
#include "dne/base/file.h"
#include "dne/base/json_text.h"
#include "dne/report/plotly.h"

// Made by plotly.S.
extern "C" const char dne_plotly_begin[];
extern "C" const char dne_plotly_end[];

namespace dne {
namespace {

constexpr std::string_view kStyle = R"(
body { font: 16px/1.5 sans-serif; color: #222; max-width: 72rem; margin: 2rem auto;
       padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; font-size: 90% }
th, td { text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #ccc }
p { white-space: pre-line }
figure { margin: 2rem 0 }
figcaption { font-weight: bold }
)";

// With the same characters for bytes that are not UTF-8 as in JSON.
std::string ValidText(std::string_view text) {
  return nlohmann::json::parse(JsonText(nlohmann::json(text))).get<std::string>();
}

std::string Escaped(std::string_view text) {
  std::string html;
  for (const char c : ValidText(text)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string Element(std::string_view tag, std::string_view text) {
  const std::string name(tag);
  return "<" + name + ">" + Escaped(text) + "</" + name + ">";
}

std::string Row(std::string_view tag, const std::vector<std::string>& cells) {
  std::string row = "<tr>";
  for (const std::string& cell : cells) row += Element(tag, cell);
  return row + "</tr>\n";
}

// JSON that may stand in a script: "</script>" in a text must not end it.
std::string ScriptJson(std::string_view json) {
  DNE_CHECK(nlohmann::json::accept(json));
  std::string script;
  for (const char c : json) {
    if (c == '<') {
      script += "\\u003c";  // '<' stands in texts only
    } else {
      script += c;
    }
  }
  return script;
}

}  // namespace

std::string_view PlotlyScript() { return {dne_plotly_begin, dne_plotly_end}; }

Report::Report(std::string_view title) : title_(title) {}

void Report::AddText(std::string_view paragraph) { body_ += Element("p", paragraph) + "\n"; }

void Report::AddTable(const std::vector<std::string>& head,
                      const std::vector<std::vector<std::string>>& rows) {
  body_ += "<table>\n" + Row("th", head);
  for (const auto& row : rows) {
    DNE_CHECK(row.size() == head.size());
    body_ += Row("td", row);
  }
  body_ += "</table>\n";
}

void Report::AddChart(std::string_view caption, std::string_view data, std::string_view layout,
                      std::string_view frames) {
  const std::string id = "chart" + std::to_string(num_charts_++);
  body_ += "<figure>" + Element("figcaption", caption) + "<div id=\"" + id + "\"></div></figure>\n";
  body_ += "<script>Plotly.newPlot(\"" + id + "\", {data: " + ScriptJson(data) +
           ",\nlayout: " + ScriptJson(layout) + ",\nframes: " + ScriptJson(frames) +
           ",\nconfig: {responsive: true}});</script>\n";
}

std::string Report::Html() const {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += Element("title", title_) + "\n<style>" + std::string(kStyle) + "</style>\n";
  if (num_charts_ > 0) html += "<script>" + std::string(PlotlyScript()) + "</script>\n";
  html += "</head>\n<body>\n" + Element("h1", title_) + "\n";
  return html + body_ + "</body>\n</html>\n";
}

void Report::Write(const std::filesystem::path& path) const { WriteFileAtomically(path, Html()); }

}  // namespace dne
