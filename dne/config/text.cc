// SPDX-License-Identifier: MIT
#include "dne/config/text.h"

#include <array>
#include <charconv>

namespace dne {
namespace {

template <class T>
std::string Digits(T value) {
  std::array<char, 64> buffer;  // more than any number of 64 bits takes
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

// A TOML float has a point or an exponent; without, it would read as an integer.
template <class T>
std::string Decimal(T value) {
  const std::string text = Digits(value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::string ToToml(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string ToToml(std::span<const std::string> texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + ToToml(text);
  return "[" + list + "]";
}

std::string ToToml(int value) { return Digits(value); }
std::string ToToml(int64_t value) { return Digits(value); }
std::string ToToml(uint64_t value) { return Digits(value); }
std::string ToToml(float value) { return Decimal(value); }
std::string ToToml(double value) { return Decimal(value); }

std::string WordsText(std::span<const std::string> words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
    text += ToToml(words[i]);
  }
  return text;
}

}  // namespace dne
