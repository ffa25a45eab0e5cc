// SPDX-License-Identifier: MIT
// A run told in the terminal, or as JSON: what it is, how it went, where to go from here.
#pragma once

#include <filesystem>
#include <string>

#include "dne/store/store.h"

namespace dne::app {

// The table at the end of a run and of `dne show`.
std::string FinalTable(const RunStore& store, const std::filesystem::path& dir);
std::string StoryText(const RunStore& store, const std::filesystem::path& dir);
std::string StoryJson(const RunStore& store, const std::filesystem::path& dir);

}  // namespace dne::app
