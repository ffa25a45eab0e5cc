// SPDX-License-Identifier: MIT
// A genome's bytes, as they are and with the checksum that would let them pass.
#include <vector>

#include "dne/base/digest.h"
#include "dne/genome/genome.h"
#include "fuzz/fuzz.h"

namespace {

void Decode(std::span<const uint8_t> bytes) {
  dne::ExpectAnswer([&] {
    const dne::Genome genome = dne::DecodeGenome(bytes);
    DNE_CHECK(dne::DecodeGenome(dne::EncodeGenome(genome)) == genome);
  });
}

// As docs/formats-genome.md has it.
std::vector<uint8_t> WithChecksum(std::span<const uint8_t> bytes) {
  dne::Digest digest;
  digest.AddBytes(bytes);
  const auto checksum = static_cast<uint32_t>(digest.value() ^ digest.value() >> 32);
  std::vector<uint8_t> whole(bytes.begin(), bytes.end());
  for (int shift = 0; shift < 32; shift += 8) {
    whole.push_back(static_cast<uint8_t>(checksum >> shift));
  }
  return whole;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Decode({data, size});
  Decode(WithChecksum({data, size}));
  return 0;
}
