// SPDX-License-Identifier: MIT
#include <charconv>

#include "dne/base/error.h"
#include "dne/genome/genome.h"

namespace dne {

std::string BirthName(Birth birth) {
  const std::string generation = std::to_string(birth.generation) + ".";
  if (!IsCentre(birth)) return generation + std::to_string(birth.item);
  return generation + "c" + std::to_string(birth.item - kFirstCentreItem);
}

Birth ParseBirth(std::string_view text) {
  Birth birth;
  const char* end = text.data() + text.size();
  const auto dot = std::from_chars(text.data(), end, birth.generation);
  if (dot.ec == std::errc() && dot.ptr != end && *dot.ptr == '.') {
    const char* item = dot.ptr + 1;
    const bool is_centre = item != end && *item == 'c';
    const auto rest = std::from_chars(item + is_centre, end, birth.item);
    const bool is_whole = rest.ec == std::errc() && rest.ptr == end;
    if (is_whole && !is_centre) return birth;
    if (is_whole && birth.item < kFirstCentreItem) {
      return {.generation = birth.generation, .item = CentreItem(birth.item)};
    }
  }
  throw Error("\"" + std::string(text) +
              "\" names no individual: write generation and item with a dot between, as 11.304, " +
              "or 11.c0 for an evolution strategy's centre");
}

}  // namespace dne
