// SPDX-License-Identifier: MIT
#include "dne/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "dne/base/error.h"

namespace dne {
namespace {

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
