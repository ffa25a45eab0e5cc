// SPDX-License-Identifier: MIT
// The writer's lock of a run: private to the store.
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
