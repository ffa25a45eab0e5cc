// SPDX-License-Identifier: MIT
#include "dne/base/file.h"

#include <gtest/gtest.h>

#include "dne/base/error.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

namespace fs = std::filesystem;

class File : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  // The text of the Error that writing there throws.
  std::string WriteError(const std::string& name) const {
    try {
      WriteFileAtomically(Path(name), "x");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TempFolder folder_;
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
  const auto count =
      std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator());
  EXPECT_EQ(count, 1) << "a temporary file is left";
}

TEST_F(File, ThatIsNotThereCannotBeRead) { EXPECT_THROW(ReadFile(Path("p")), Error); }

}  // namespace
}  // namespace dne
