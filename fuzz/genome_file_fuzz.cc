// SPDX-License-Identifier: MIT
// A genome file's bytes, as they are and with the checksum that would let them pass.
#include <string>

#include "dne/base/bytes.h"
#include "dne/base/digest.h"
#include "dne/policy/policy_file.h"
#include "fuzz/fuzz.h"

namespace {

void Decode(std::string_view bytes) {
  if (!dne::LooksLikeGenomeFile(bytes)) return;
  dne::ExpectAnswer([&] {
    const dne::GenomeFile file = dne::DecodeGenomeFile(bytes);
    DNE_CHECK(dne::DecodeGenomeFile(dne::EncodeGenomeFile(file)) == file);
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = dne::AsText({data, size});
  Decode(bytes);
  dne::Digest digest;
  digest.AddText(bytes);
  dne::ByteWriter checksum;
  checksum.Add(digest.value());
  Decode(std::string(bytes) + checksum.Take());
  return 0;
}
