// SPDX-License-Identifier: MIT
// A page of text, tables and charts as one HTML file that needs no network: plotly.js, which draws
// the charts in the reader's browser, is inside.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dne {

// Text is plain: what HTML would take for its own is escaped.
class Report {
 public:
  explicit Report(std::string_view title);

  void AddText(std::string_view paragraph);
  // Rows are as long as the head.
  void AddTable(const std::vector<std::string>& head,
                const std::vector<std::vector<std::string>>& rows);
  // A figure of plotly.js, as JSON: its traces, its layout, and the frames that its buttons and
  // sliders animate ("[]": none). Anything but JSON is a bug.
  void AddChart(std::string_view caption, std::string_view data, std::string_view layout,
                std::string_view frames = "[]");

  std::string Html() const;
  // Atomically. Throws Error where the file cannot be written.
  void Write(const std::filesystem::path& path) const;

 private:
  std::string title_;
  std::string body_;
  int num_charts_ = 0;
};

}  // namespace dne
