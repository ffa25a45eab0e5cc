// SPDX-License-Identifier: MIT
// What the fuzz targets share. An Error is an answer; every other exception, and whatever the
// sanitizers see, is a finding.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dne/base/error.h"

// libFuzzer calls it, with bytes of its own making.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace dne {

inline std::string_view AsText(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Read>
void ExpectAnswer(const Read& read) {
  try {
    read();
  } catch (const Error&) {
  }
}

}  // namespace dne
