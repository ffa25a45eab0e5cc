// SPDX-License-Identifier: MIT
#include "dne/config/field.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>

#include "dne/base/nearest.h"

namespace dne {
namespace {

// 1e9 is a float to TOML, even where a whole number is meant.
std::string WholeNumberHint(const Value& given) {
  const double* number = std::get_if<double>(&given);
  const bool is_exact =
      number != nullptr && std::abs(*number) < 9e15 && *number == std::trunc(*number);
  return is_exact ? ": write " + ToToml(static_cast<int64_t>(*number)) : "";
}

// Sets `value` where the number is in the range.
template <class T>
bool SetNumber(T& value, const Range<T>& range, const Value& given) {
  if constexpr (std::is_integral_v<T>) {
    const int64_t number = std::get<int64_t>(given);
    if (std::cmp_less(number, range.min) || std::cmp_greater(number, range.max)) return false;
    value = static_cast<T>(number);
    return true;
  } else {
    const auto* whole = std::get_if<int64_t>(&given);
    const double number = whole ? static_cast<double>(*whole) : std::get<double>(given);
    if (!(std::abs(number) <= double{std::numeric_limits<T>::max()})) return false;  // nan as well
    const T rounded = static_cast<T>(number);
    if (rounded < range.min || rounded > range.max) return false;
    value = rounded;
    return true;
  }
}

template <class T>
std::string ReadNumber(T& value, const Range<T>& range, std::string_view name, const Value& given) {
  const bool is_whole = std::holds_alternative<int64_t>(given);
  const bool is_number =
      is_whole || (!std::is_integral_v<T> && std::holds_alternative<double>(given));
  if (!is_number) {
    return fmt::format("{} must be a {}, got {}{}", name,
                       std::is_integral_v<T> ? "whole number" : "number", Got(given),
                       std::is_integral_v<T> ? WholeNumberHint(given) : "");
  }
  if (SetNumber(value, range, given)) return "";
  return fmt::format("{} must be {} to {}, got {}", name, ToToml(range.min), ToToml(range.max),
                     Got(given));
}

}  // namespace

std::string Got(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return ToToml(std::string_view(*text));
  if (const auto* number = std::get_if<int64_t>(&value)) return ToToml(*number);
  if (const auto* number = std::get_if<double>(&value)) return ToToml(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return ToToml(*truth);
  if (const auto* words = std::get_if<std::vector<std::string>>(&value)) return ToToml(*words);
  if (std::holds_alternative<TableValue>(value)) return "a section";
  return std::get<OtherValue>(value).what;
}

std::string ReadInto(bool& value, const YesNo&, std::string_view name, const Value& given) {
  const bool* truth = std::get_if<bool>(&given);
  if (truth == nullptr) return fmt::format("{} must be true or false, got {}", name, Got(given));
  value = *truth;
  return "";
}

std::string ReadInto(std::string& value, const Names& names, std::string_view name,
                     const Value& given) {
  const auto* word = std::get_if<std::string>(&given);
  if (word == nullptr) return fmt::format("{} must be a text in quotes, got {}", name, Got(given));
  if (names.known != nullptr) {
    const std::vector<std::string> known = names.known();
    if (!known.empty() && std::ranges::find(known, *word) == known.end()) {
      return UnknownName(names.kind, *word, known);
    }
  }
  value = *word;
  return "";
}

std::string ReadInto(std::string& value, const Table&, std::string_view name, const Value& given) {
  const auto* table = std::get_if<TableValue>(&given);
  const auto* text = std::get_if<std::string>(&given);
  const bool is_object = text != nullptr && text->starts_with("{") && text->ends_with("}");
  if (table == nullptr && !is_object) {
    return fmt::format("{} must be a table, {{ key = value }}, got {}", name, Got(given));
  }
  value = table ? table->json : *text;
  return "";
}

std::string ReadInto(std::vector<std::string>& value, const Words& limits, std::string_view name,
                     const Value& given) {
  const auto* words = std::get_if<std::vector<std::string>>(&given);
  if (words == nullptr || (words->empty() && !limits.may_be_empty)) {
    return fmt::format("{} must be a list of texts, [\"one\", \"two\"], got {}", name, Got(given));
  }
  value = *words;
  return "";
}

std::string ReadInto(int& value, const Range<int>& range, std::string_view name,
                     const Value& given) {
  return ReadNumber(value, range, name, given);
}
std::string ReadInto(uint64_t& value, const Range<uint64_t>& range, std::string_view name,
                     const Value& given) {
  return ReadNumber(value, range, name, given);
}
std::string ReadInto(float& value, const Range<float>& range, std::string_view name,
                     const Value& given) {
  return ReadNumber(value, range, name, given);
}
std::string ReadInto(double& value, const Range<double>& range, std::string_view name,
                     const Value& given) {
  return ReadNumber(value, range, name, given);
}

const Field* Fields::Find(const void* address) const {
  const auto found = std::ranges::find(fields_, address, &Field::address);
  return found == fields_.end() ? nullptr : &*found;
}

const Field* Fields::Find(std::string_view name) const {
  const auto found = std::ranges::find_if(fields_, [&](const Field& field) {
    return field.name == name || (!field.old_name.empty() && field.old_name == name);
  });
  return found == fields_.end() ? nullptr : &*found;
}

Field& Fields::AddWords(std::string_view name, const void* address, std::vector<std::string> words,
                        std::string_view meaning, std::function<void(size_t)> set) {
  Field& field = AddNew(name, address, "text", WordsText(words), meaning);
  field.words = std::move(words);
  field.read = [words = field.words, set = std::move(set)](std::string_view key,
                                                           const Value& given) -> std::string {
    const auto* word = std::get_if<std::string>(&given);
    if (word == nullptr) {
      return fmt::format("{} must be {}, got {}", key, WordsText(words), Got(given));
    }
    const auto chosen = std::ranges::find(words, *word);
    if (chosen == words.end()) return UnknownName(key, *word, words);
    set(static_cast<size_t>(chosen - words.begin()));
    return "";
  };
  return field;
}

Field& Fields::AddNew(std::string_view name, const void* address, std::string_view type,
                      std::string limits, std::string_view meaning) {
  Field& field = fields_.emplace_back();
  field.name = name;
  field.meaning = meaning;
  field.address = address;
  field.type = type;
  field.limits = std::move(limits);
  field.comes_with = kind_;
  return field;
}

}  // namespace dne
