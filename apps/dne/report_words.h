// SPDX-License-Identifier: MIT
// What commands that write a report share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dne::app {

// Throws Error where the file cannot come to be, before hours are spent on what goes into it.
void CheckReportPath(const std::filesystem::path& path);

// Command, seed and build, for the page's head.
std::string ReportOrigin(const std::string& command, uint64_t seed);

// The table of a report as text: columns as wide as their widest cell.
std::string TextTable(const std::vector<std::string>& head,
                      const std::vector<std::vector<std::string>>& rows);

}  // namespace dne::app
