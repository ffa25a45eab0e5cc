// SPDX-License-Identifier: MIT
#include "dne/policy/policy_file.h"

#include "dne/base/bytes.h"
#include "dne/base/digest.h"
#include "dne/base/error.h"

namespace dne {
namespace {

constexpr std::string_view kMagic = "DNEGENOM";
constexpr uint32_t kVersion = 1;
constexpr size_t kChecksumSize = sizeof(uint64_t);

uint64_t Checksum(std::string_view bytes) {
  Digest digest;
  digest.AddText(bytes);
  return digest.value();
}

}  // namespace

std::string EncodeGenomeFile(const GenomeFile& file) {
  ByteWriter rest;
  rest.Add(kVersion);
  rest.AddText(file.experiment);
  rest.AddBytes(EncodeGenome(file.genome));
  const std::string content = std::string(kMagic) + rest.Take();
  ByteWriter checksum;
  checksum.Add(Checksum(content));
  return content + checksum.Take();
}

GenomeFile DecodeGenomeFile(std::string_view bytes) {
  DNE_CHECK(LooksLikeGenomeFile(bytes));
  if (bytes.size() < kMagic.size() + sizeof kVersion + kChecksumSize) {
    throw Error("the genome file is damaged: it ends too early");
  }
  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumSize);
  ByteReader in(content.substr(kMagic.size()));
  const auto version = in.Read<uint32_t>();
  if (version > kVersion) {
    throw Error("the genome file has version " + std::to_string(version) +
                ", this dne reads up to " + std::to_string(kVersion) + ": use a newer dne");
  }
  if (ByteReader(bytes.substr(content.size())).Read<uint64_t>() != Checksum(content)) {
    throw Error("the genome file is damaged: its checksum does not match");
  }
  GenomeFile file;
  file.experiment = in.ReadText();
  file.genome = DecodeGenome(in.ReadBytes());
  in.ExpectEnd();
  return file;
}

bool LooksLikeGenomeFile(std::string_view bytes) { return bytes.starts_with(kMagic); }

}  // namespace dne
