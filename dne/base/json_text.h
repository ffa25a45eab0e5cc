// SPDX-License-Identifier: MIT
// JSON as text, for other programs to read: always valid, whatever bytes a file's name holds.
#pragma once

#include <string>

namespace dne {

// Of an object of the JSON library, in one line or, with an indent, in many. Bytes that are not
// UTF-8 become U+FFFD.
template <class Json>
std::string JsonText(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace dne
