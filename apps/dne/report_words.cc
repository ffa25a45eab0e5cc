// SPDX-License-Identifier: MIT
#include "apps/dne/report_words.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "apps/dne/command.h"
#include "dne/base/about.h"
#include "dne/base/error.h"

namespace dne::app {

void CheckReportPath(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (std::filesystem::is_directory(path) || access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error(fmt::format("cannot write {}: choose a file in a folder that is there and yours",
                            path.string()));
  }
}

std::string TextTable(const std::vector<std::string>& head,
                      const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines = {head};
  lines.insert(lines.end(), rows.begin(), rows.end());
  std::vector<size_t> widths(head.size());
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    std::string padded;
    for (size_t i = 0; i < line.size(); ++i) padded += fmt::format("{:<{}}  ", line[i], widths[i]);
    text += padded.substr(0, padded.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string ReportOrigin(const std::string& command, uint64_t seed) {
  return fmt::format("Command: {}\nSeed: {}\nBuild: dne {}, {}", command, seed, Version(),
                     BuildName());
}

}  // namespace dne::app
