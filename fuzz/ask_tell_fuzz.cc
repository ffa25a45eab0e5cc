// SPDX-License-Identifier: MIT
// States of algorithms that are asked and told by other programs. What is restored can be saved and
// restored again, and gives its first member and its best.
#include <vector>

#include "dne/ask_tell/ask_tell.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dne::ExpectAnswer([&] {
    dne::AskTell search = dne::AskTell::Restore(dne::AsText({data, size}), {});
    const std::string saved = search.Save();
    DNE_CHECK(dne::AskTell::Restore(saved, {}).Save() == saved);
    std::vector<float> member(search.num_parameters());
    search.Ask(0, member);
    search.Best();
  });
  return 0;
}
