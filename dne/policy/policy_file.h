// SPDX-License-Identifier: MIT
// The genome file, *.dne-genome (docs/formats-policy.md): a magic, a version, the experiment's
// resolved configuration as TOML, the encoded genome, a checksum of all before. Inside the
// policy module only, but for the tests.
#pragma once

#include <string>
#include <string_view>

#include "dne/genome/genome.h"

namespace dne {

struct GenomeFile {
  std::string experiment;  // its resolved configuration, TOML
  Genome genome;

  bool operator==(const GenomeFile&) const = default;
};

std::string EncodeGenomeFile(const GenomeFile& file);
// Throws Error for damaged bytes and for a newer version.
GenomeFile DecodeGenomeFile(std::string_view bytes);
// Whether the bytes begin as a genome file does.
bool LooksLikeGenomeFile(std::string_view bytes);

}  // namespace dne
