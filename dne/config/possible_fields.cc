// SPDX-License-Identifier: MIT
#include <algorithm>

#include "dne/config/section.h"

namespace dne {
namespace {

std::string DefaultOf(const Field& field) {
  return field.is_list() || field.required ? "" : field.write();
}

// The same field of another kind.
bool IsSame(const PossibleField& a, const Field& b, std::string_view choice) {
  return a.field.name == b.name && a.choice == choice && a.field.meaning == b.meaning &&
         a.field.limits == b.limits && DefaultOf(a.field) == DefaultOf(b);
}

void AddUnique(std::vector<std::string>& words, const std::string& word) {
  if (std::ranges::find(words, word) == words.end()) words.push_back(word);
}

// Adds the fields of `level`, which come with `word` of `choice`.
void Collect(const Fields& level, const std::string& choice, const std::string& word,
             std::vector<PossibleField>& all, Fields& kept) {
  for (const Field& field : level.all()) {
    if (field.comes_with != nullptr) continue;  // of the kind chosen now: they come below
    const auto same = std::ranges::find_if(
        all, [&](const PossibleField& other) { return IsSame(other, field, choice); });
    if (same == all.end()) {
      all.push_back({field, choice, {}});
      if (!choice.empty()) all.back().with.push_back(word);
    } else {
      AddUnique(same->with, word);
    }
    for (size_t i = 0; field.visit_kind && i < field.words.size(); ++i) {
      const auto inner = std::make_shared<Fields>();
      field.visit_kind(i, *inner);
      kept.Keep(inner);
      Collect(*inner, field.name, field.words[i], all, kept);
    }
  }
}

}  // namespace

std::vector<PossibleField> PossibleFields(const std::function<void(Fields&)>& visit, Fields& kept) {
  visit(kept);
  std::vector<PossibleField> all;
  const Fields top = kept;
  Collect(top, "", "", all, kept);
  return all;
}

const PossibleField& DecidesUse(const PossibleField& possible, std::span<const PossibleField> all) {
  const auto choice = std::ranges::find_if(
      all, [&](const PossibleField& other) { return other.field.name == possible.choice; });
  const bool every = choice != all.end() && choice->field.words.size() == possible.with.size();
  return every ? DecidesUse(*choice, all) : possible;
}

}  // namespace dne
