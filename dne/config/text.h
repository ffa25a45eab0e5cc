// SPDX-License-Identifier: MIT
// Values and limits of fields as text: TOML for files, words for messages and docs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace dne {

// As TOML writes it. Numbers are the shortest that read back as the same bits.
std::string ToToml(std::string_view text);
std::string ToToml(std::span<const std::string> texts);
std::string ToToml(int value);
std::string ToToml(int64_t value);
std::string ToToml(uint64_t value);
std::string ToToml(float value);
std::string ToToml(double value);
// A template, lest pointers turn into truth values.
template <class T>
requires std::is_same_v<T, bool> std::string ToToml(T value) { return value ? "true" : "false"; }

// "\"a\", \"b\" or \"c\"".
std::string WordsText(std::span<const std::string> words);

}  // namespace dne
