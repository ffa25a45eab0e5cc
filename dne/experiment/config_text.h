// SPDX-License-Identifier: MIT
// Values and limits of configuration fields as text: TOML for files, words for messages and docs.
// Inside the experiment module only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dne/base/error.h"
#include "dne/experiment/fields.h"

namespace dne {

// As TOML writes it. Numbers are the shortest that read back as the same bits.
std::string ToToml(std::string_view text);
std::string ToToml(int value);
std::string ToToml(int64_t value);
std::string ToToml(uint64_t value);
std::string ToToml(float value);
std::string ToToml(double value);
// A template, lest pointers turn into truth values.
template <class T>
requires std::is_same_v<T, bool> std::string ToToml(T value) { return value ? "true" : "false"; }

// The field's value as TOML; empty where it has none.
template <class T, class Limits>
std::string ValueText(const T& value, const Limits&) {
  return ToToml(value);
}
template <class T>
std::string ValueText(const std::optional<T>& value, const Range<T>&) {
  return value ? ToToml(*value) : "";
}
template <class T, size_t N>
std::string ValueText(const T& value, const std::array<Choice<T>, N>& choices) {
  for (const Choice<T>& choice : choices) {
    if (choice.value == value) return ToToml(choice.word);
  }
  DNE_CHECK(false && "value without a word");
}

// "1 to 5"; "\"a\", \"b\" or \"c\""; "one of \"mlp\", ..." in docs and messages alike.
template <class T>
std::string LimitsText(const Range<T>& range) {
  return ToToml(range.min) + " to " + ToToml(range.max);
}
std::string WordsText(std::span<const std::string> words);
template <class T, size_t N>
std::vector<std::string> Words(const std::array<Choice<T>, N>& choices) {
  std::vector<std::string> words;
  for (const Choice<T>& choice : choices) words.emplace_back(choice.word);
  return words;
}
template <class T, size_t N>
std::string LimitsText(const std::array<Choice<T>, N>& choices) {
  return WordsText(Words(choices));
}

template <class T>
std::string_view TypeText(const Range<T>&) {
  return std::is_integral_v<T> ? "whole number" : "number";
}
template <class T, size_t N>
std::string_view TypeText(const std::array<Choice<T>, N>&) {
  return "text";
}
inline std::string_view TypeText(const Names&) { return "text"; }
inline std::string_view TypeText(const YesNo&) { return "true or false"; }

}  // namespace dne
