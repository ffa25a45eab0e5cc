// SPDX-License-Identifier: MIT
// Stored states of algorithms: the first byte says of which. What is restored can be saved and
// restored again, and plans a round.
#include <string>

#include "fuzz/example.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  dne::ExpectAnswer([&] {
    const auto algorithm = dne::ExampleAlgorithm(data[0] % dne::kExampleAlgorithms);
    algorithm->RestoreState(dne::AsText({data + 1, size - 1}));
    const std::string saved = algorithm->SaveState();
    algorithm->RestoreState(saved);
    DNE_CHECK(algorithm->SaveState() == saved);
    algorithm->Ask();
  });
  return 0;
}
