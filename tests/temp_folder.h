// SPDX-License-Identifier: MIT
// A folder of a test's own.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace dne {

// Goes away with the object, also where a test took away what may be done in its folders.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dne_test_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
    // For tests that go on as a user who owns nothing.
    std::filesystem::permissions(path_, std::filesystem::perms{0755});
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms{0755}, ignored);
    for (const auto& entry : std::filesystem::directory_iterator(path_, ignored)) {
      if (!entry.is_directory(ignored)) continue;
      std::filesystem::permissions(entry.path(), std::filesystem::perms{0755}, ignored);
    }
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace dne
