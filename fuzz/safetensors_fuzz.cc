// SPDX-License-Identifier: MIT
// A weight file's bytes, read for a network of two layers, with and without normalised inputs.
#include "dne/policy/safetensors.h"
#include "dne/tasks/episode_task.h"
#include "fuzz/example.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = dne::AsText({data, size});
  if (!dne::LooksLikeSafetensors(bytes)) return 0;
  dne::ExpectAnswer([&] {
    const dne::Safetensors file(bytes);
    for (const size_t num_normalised : {size_t{0}, dne::kExampleInputs}) {
      const dne::Network network = dne::ExampleNetwork();
      dne::ExpectAnswer([&] { file.Policy(network, dne::LayoutOf(network, num_normalised)); });
    }
  });
  return 0;
}
