// SPDX-License-Identifier: MIT
#include "dne/experiment/config_mistakes.h"

#include <fmt/format.h>

#include <algorithm>

#include "dne/base/error.h"

namespace dne {
namespace {

// Overrides come after all lines.
uint32_t Rank(const Place& place) { return place.line == 0 ? UINT32_MAX : place.line; }

}  // namespace

void Mistakes::Add(const Place& place, std::string_view text) {
  mistakes_.emplace_back(place, std::string(text));
}

void Mistakes::AddValue(const std::string& key, std::string_view text) {
  bad_.insert(key);
  const auto given = given_.find(key);
  Add(given == given_.end() ? file_ : given->second, text);
}

void Mistakes::AddContradiction(std::initializer_list<std::string_view> keys,
                                std::string_view text) {
  const Place* place = nullptr;
  for (const std::string_view key : keys) {
    if (bad_.find(key) != bad_.end()) return;
    const auto given = given_.find(key);
    if (given == given_.end()) continue;
    if (place == nullptr || given->second.line == 0) place = &given->second;
  }
  Add(place == nullptr ? file_ : *place, text);
}

void Mistakes::ThrowIfAny() const {
  if (mistakes_.empty()) return;
  auto sorted = mistakes_;
  std::ranges::stable_sort(sorted, {}, [](const auto& m) { return Rank(m.first); });
  std::string text;
  for (const auto& [place, mistake] : sorted) {
    if (!text.empty()) text += '\n';
    text += place.origin;
    if (place.line != 0) text += fmt::format(":{}", place.line);
    text += ": " + mistake;
  }
  throw Error(text);
}

}  // namespace dne
