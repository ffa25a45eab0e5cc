// SPDX-License-Identifier: MIT
#include "dne/experiment/policy_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

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

[[noreturn]] void FailWriting(const std::filesystem::path& path, int cause) {
  throw Error("cannot write " + path.string() + ": " + std::strerror(cause));
}

// An open file that is closed and deleted unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target)
      : target_(target), path_(target.string() + ".tmp") {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) FailWriting(target_, errno);
  }
  ~TemporaryFile() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) FailWriting(target_, errno);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }

  void Commit() {
    if (fsync(descriptor_) != 0) FailWriting(target_, errno);
    if (rename(path_.c_str(), target_.c_str()) != 0) FailWriting(target_, errno);
    close(descriptor_);
    descriptor_ = -1;
  }

 private:
  std::filesystem::path target_;
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace

std::string EncodeGenomeFile(const GenomeFile& file) {
  ByteWriter rest;
  rest.Add(kVersion);
  rest.AddText(ConfigToToml(file.config));
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
  file.config = ParseConfig(in.ReadText(), "its configuration");
  file.genome = DecodeGenome(in.ReadBytes());
  in.ExpectEnd();
  return file;
}

bool LooksLikeGenomeFile(std::string_view bytes) { return bytes.starts_with(kMagic); }

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error("cannot read it: " + std::string(std::strerror(errno)));
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) throw Error("cannot read it: " + std::string(std::strerror(errno)));
  return bytes;
}

void WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes) {
  TemporaryFile file(path);
  file.Write(bytes);
  file.Commit();
}

}  // namespace dne
