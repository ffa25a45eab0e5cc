// SPDX-License-Identifier: MIT
#include "dne/base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "dne/base/error.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

class File : public testing::Test {
 protected:
  File() { fs::create_directories(folder_); }
  ~File() override { fs::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  // The text of the Error that writing there throws.
  std::string WriteError(const std::string& name) const {
    try {
      WriteFileAtomically(Path(name), "x");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_ = fs::temp_directory_path() / ("dne-file-test-" + std::to_string(getpid()));
};

TEST_F(File, IsReadAsItWasWritten) {
  WriteFileAtomically(Path("p"), "old");
  WriteFileAtomically(Path("p"), std::string("n\0w", 3));
  EXPECT_EQ(ReadFile(Path("p")), std::string("n\0w", 3));
}

TEST_F(File, IsWrittenWholeOrNotAtAll) {
  EXPECT_EQ(WriteError("no/p"), "cannot write " + Path("no/p") + ": No such file or directory");
  fs::create_directories(Path("folder"));
  EXPECT_EQ(WriteError("folder"), "cannot write " + Path("folder") + ": Is a directory");
  const auto count = std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  EXPECT_EQ(count, 1) << "a temporary file is left";
}

TEST_F(File, ThatIsNotThereCannotBeRead) { EXPECT_THROW(ReadFile(Path("p")), Error); }

}  // namespace
}  // namespace dne
