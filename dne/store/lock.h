// SPDX-License-Identifier: MIT
// The lock of a folder that one process at a time may write: a run's, a study's.
#pragma once

#include <filesystem>

namespace dne {

// An exclusive flock on a file, held while the object lives. The kernel releases it when the
// process dies, so that a killed run leaves nothing stale behind; the file itself stays.
class FileLock {
 public:
  // Makes the file where needed; does not wait. Throws Error, naming the holder's process number
  // where that is known.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  int descriptor_;
};

}  // namespace dne
