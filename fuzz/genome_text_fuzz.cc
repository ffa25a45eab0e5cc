// SPDX-License-Identifier: MIT
// A genome as text. What is read has a text and bytes that are read as the same genome.
#include "dne/genome/genome.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dne::ExpectAnswer([&] {
    const dne::Genome genome = dne::GenomeFromText(dne::AsText({data, size}));
    DNE_CHECK(dne::GenomeFromText(dne::GenomeToText(genome)) == genome);
    DNE_CHECK(dne::DecodeGenome(dne::EncodeGenome(genome)) == genome);
  });
  return 0;
}
