// SPDX-License-Identifier: MIT
#include "dne/config/mistakes.h"

#include <fmt/format.h>

#include <algorithm>

#include "dne/base/error.h"

namespace dne {
namespace {

// Overrides come after all lines.
uint32_t Rank(const SourceLine& place) { return place.line == 0 ? UINT32_MAX : place.line; }

}  // namespace

bool Mistakes::IsOverridden(std::string_view key, std::string_view choice) const {
  const auto given = given_.find(key);
  const auto chosen = given_.find(choice);
  return given != given_.end() && chosen != given_.end() && given->second.line > 0 &&
         chosen->second.line == 0;
}

void Mistakes::Add(const SourceLine& place, std::string_view text) {
  mistakes_.emplace_back(place, std::string(text));
}

void Mistakes::AddValue(const std::string& key, std::string_view text) {
  bad_.insert(key);
  const auto given = given_.find(key);
  Add(given == given_.end() ? file_ : given->second, text);
}

void Mistakes::AddContradiction(const std::vector<std::string>& keys, std::string_view text) {
  const SourceLine* place = nullptr;
  const SourceLine* section = nullptr;
  for (const std::string& key : keys) {
    if (bad_.find(key) != bad_.end()) return;
    const auto given = given_.find(key);
    if (given != given_.end() && (place == nullptr || given->second.line == 0)) {
      place = &given->second;
    }
    const auto home = given_.find(key.substr(0, key.rfind('.')));
    if (home != given_.end() && section == nullptr) section = &home->second;
  }
  if (place == nullptr) place = section;
  Add(place == nullptr ? file_ : *place, text);
}

// Fields of what was not chosen have no key: they are not given.
std::string Mistakes::KeyOf(const void* address) const {
  const auto found = keys_.find(address);
  return found == keys_.end() ? "" : found->second;
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
