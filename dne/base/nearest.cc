// SPDX-License-Identifier: MIT
// Optimal string alignment distance over three rows of its table.
#include "dne/base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace dne {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

// A word this long or longer is taken for a part of the name that contains it.
constexpr size_t kMinPart = 4;

// More names than this are no help in a message.
constexpr size_t kMaxListed = 30;

size_t Cost(const std::string& word, const std::string& name) {
  const size_t edits = EditDistance(word, name);
  const bool is_part = word.size() >= kMinPart && name.find(word) != std::string::npos;
  return is_part ? std::min(edits, size_t{2}) : edits;
}

}  // namespace

std::string_view NearestName(std::string_view word, std::span<const std::string> known) {
  const std::string lower = Lower(word);
  std::string_view nearest;
  // One edit in three letters: more, and the names have little in common.
  size_t best = std::max(size_t{1}, word.size() / 3) + 1;
  for (const std::string& name : known) {
    const size_t cost = Cost(lower, Lower(name));
    if (cost < best) {
      best = cost;
      nearest = name;
    }
  }
  return nearest;
}

std::string UnknownName(std::string_view kind, std::string_view word,
                        std::span<const std::string> known, std::string_view place) {
  std::string text = "unknown " + std::string(kind) + " '" + std::string(word) + "'";
  if (!place.empty()) text += " in " + std::string(place);
  const std::string_view nearest = NearestName(word, known);
  if (!nearest.empty()) return text + ": did you mean '" + std::string(nearest) + "'?";
  if (known.size() > kMaxListed) {
    return text + ": none of the " + std::to_string(known.size()) + " known ones is near";
  }
  text += ": known are ";
  for (const std::string& name : known) text += (&name == &known.front() ? "" : ", ") + name;
  return text;
}

}  // namespace dne
