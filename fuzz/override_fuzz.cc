// SPDX-License-Identifier: MIT
// Values of `--set`, one a line.
#include <algorithm>
#include <string>
#include <vector>

#include "dne/experiment/config.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<std::string> overrides(1);
  for (const char c : dne::AsText({data, size})) {
    if (c == '\n') {
      overrides.emplace_back();
    } else {
      overrides.back() += c;
    }
  }
  dne::ExpectAnswer([&] { dne::ParseConfig("", "empty file", overrides); });
  return 0;
}
