// SPDX-License-Identifier: MIT
// Which known name was meant by an unknown one, and how to say so.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dne {

// The known name that takes the fewest edits from `word` (insert, delete, change, or swap two
// neighbours; case ignored), or that contains it; the first of equals. Empty where none is near.
// The result views into `known`.
std::string_view NearestName(std::string_view word, std::span<const std::string> known);

// "unknown key 'sgima' in [algorithm]: did you mean 'sigma'?". Where no name is near, the known
// ones are listed if they are few: "unknown network preset 'x': known are a, b, c". `place` may be
// empty.
std::string UnknownName(std::string_view kind, std::string_view word,
                        std::span<const std::string> known, std::string_view place = {});

}  // namespace dne
