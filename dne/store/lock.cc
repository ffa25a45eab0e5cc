// SPDX-License-Identifier: MIT
#include "dne/store/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

[[noreturn]] void FailHeld(const std::filesystem::path& path, int descriptor) {
  std::array<char, 21> text{};
  const ssize_t length = ::pread(descriptor, text.data(), text.size() - 1, 0);
  std::string holder(text.data(), length > 0 ? static_cast<size_t>(length) : 0);
  holder = holder.substr(0, holder.find_first_not_of("0123456789"));
  throw Error("run " + path.parent_path().string() + " is in use by " +
              (holder.empty() ? "another process" : "process " + holder) +
              ": wait until it ends or stop it; reading the run is possible meanwhile");
}

// The number only makes the message of FailHeld better: a full disk may lose it.
void WriteProcessNumber(int descriptor) {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(descriptor, text.data(), text.size(), 0);
  }
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    WriteProcessNumber(descriptor_);
    return;
  }
  const int cause = errno;
  if (descriptor_ >= 0) {
    const int held = std::exchange(descriptor_, -1);
    try {
      if (cause == EWOULDBLOCK) FailHeld(path, held);
    } catch (...) {
      ::close(held);
      throw;
    }
    ::close(held);
  }
  throw Error("cannot lock " + path.string() + " (" + std::generic_category().message(cause) +
              "): a run is written by one process, which needs write permission in its folder; "
              "reading the run needs no lock");
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace dne
