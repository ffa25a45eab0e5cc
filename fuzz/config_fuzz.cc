// SPDX-License-Identifier: MIT
// The text of an experiment file. What is read can be written and read again.
#include "dne/experiment/config.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dne::ExpectAnswer([&] {
    const auto config = dne::ParseConfig(dne::AsText({data, size}), "text");
    DNE_CHECK(dne::ParseConfig(dne::ConfigToToml(config), "written") == config);
  });
  return 0;
}
