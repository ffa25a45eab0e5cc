// SPDX-License-Identifier: MIT
// What an algorithm holds its stored state to while it reads it: the sizes and kinds that its
// options ask for. Bytes may be damaged, or the state of other options.
#pragma once

#include <string>
#include <string_view>

#include "dne/base/error.h"

namespace dne {

// Throws Error where the state is not `sound`; `damage` says what is wrong then.
inline void ExpectSound(bool sound, std::string_view damage) {
  if (!sound) throw Error("stored state is damaged: " + std::string(damage));
}

}  // namespace dne
