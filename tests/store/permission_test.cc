// SPDX-License-Identifier: MIT
// Folders that cannot be written and disks that are full.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dne/base/error.h"
#include "tests/store/example.h"

namespace dne {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string ReadAll(const fs::path& dir, const Contents& expected) {
  return ReadEverything(*RunStore::OpenReadOnly(dir)) == expected ? "as expected" : "different";
}

TEST(ReadOnlyFolder, AFinishedRunIsRead) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  ASSERT_FALSE(fs::exists(temp.file().string() + "-wal"));
  fs::permissions(temp.run(), fs::perms{0555});
  EXPECT_EQ(InChild(Privileges::kNone, [&] { return ReadAll(temp.run(), ExampleContents()); }),
            "as expected");
}

TEST(ReadOnlyFolder, ARunningRunIsRead) {
  RunFolder temp;
  const auto writer = RunStore::Create(temp.run(), ExampleInfo());
  writer->Write(ExampleCommit(1));
  fs::permissions(temp.run(), fs::perms{0555});
  EXPECT_EQ(InChild(Privileges::kNone, [&] { return ReadAll(temp.run(), ExampleContents(1)); }),
            "as expected");
}

// Ends without closing the store, as a kill does.
void MakeKilledRun(const fs::path& dir) {
  const pid_t child = ::fork();
  DNE_CHECK(child >= 0);
  if (child == 0) {
    const auto store = RunStore::Create(dir, ExampleInfo());
    store->Write(ExampleCommit(1));
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(ReadOnlyFolder, AKilledRunIsReadWithItsLog) {
  RunFolder temp;
  MakeKilledRun(temp.run());
  ASSERT_GT(fs::file_size(temp.file().string() + "-wal"), 0u);
  fs::permissions(temp.run(), fs::perms{0555});
  EXPECT_EQ(InChild(Privileges::kNone, [&] { return ReadAll(temp.run(), ExampleContents(1)); }),
            "as expected");
}

TEST(ReadOnlyFolder, ALogThatCannotBeReadIsNotIgnored) {
  RunFolder temp;
  MakeKilledRun(temp.run());
  fs::remove(temp.file().string() + "-shm");
  fs::permissions(temp.run(), fs::perms{0555});
  EXPECT_THAT(InChild(Privileges::kNone, [&] { return ReadAll(temp.run(), ExampleContents(1)); }),
              AllOf(HasSubstr("has commits in its log"), HasSubstr("copy the folder")));
}

TEST(ReadOnlyFolder, GoingOnWithTheRunIsRefused) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  fs::permissions(temp.run(), fs::perms{0555});
  const auto open = [&] { return ErrorOf([&] { RunStore::Open(temp.run()); }); };
  EXPECT_THAT(InChild(Privileges::kNone, open),
              AllOf(HasSubstr("cannot lock " + temp.run().string() + "/lock (Permission denied)"),
                    HasSubstr("needs write permission")));
}

TEST(ReadOnlyFolder, CreatingARunIsRefused) {
  RunFolder temp;
  const auto create = [&] { return ErrorOf([&] { RunStore::Create(temp.run(), {}); }); };
  fs::permissions(temp.path(), fs::perms{0555});
  EXPECT_THAT(
      InChild(Privileges::kNone, create),
      HasSubstr("cannot make the run's folder " + temp.run().string() + " (Permission denied)"));
  fs::permissions(temp.path(), fs::perms{0755});
}

TEST(ReadOnlyFile, GoingOnWithTheRunIsRefused) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  fs::permissions(temp.run(), fs::perms{0777});
  fs::permissions(temp.run() / "lock", fs::perms{0666});
  fs::permissions(temp.file(), fs::perms{0444});
  const auto open = [&] { return ErrorOf([&] { RunStore::Open(temp.run()); }); };
  EXPECT_EQ(
      InChild(Privileges::kNone, open),
      temp.file().string() + " is read-only: give yourself write permission to go on with the run");
}

TEST(UnreadableFile, NamesThePermissions) {
  RunFolder temp;
  MakeExampleRun(temp.run());
  fs::permissions(temp.file(), fs::perms{0000});
  const auto open = [&] { return ErrorOf([&] { RunStore::OpenReadOnly(temp.run()); }); };
  EXPECT_THAT(InChild(Privileges::kNone, open),
              AllOf(HasSubstr(temp.file().string() + " cannot be opened"),
                    HasSubstr("Permission denied"), HasSubstr("check the permissions")));
}

// From here on the process's files cannot grow beyond `bytes`: what a full disk does.
void LimitFileSize(rlim_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  DNE_CHECK(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  limit.rlim_cur = bytes;
  DNE_CHECK(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

TEST(FullDisk, ACommitFailsWholeAndIsPossibleLater) {
  RunFolder temp;
  MakeExampleRun(temp.run(), 2);
  const auto fill = [&]() -> std::string {
    const auto store = RunStore::Open(temp.run());
    LimitFileSize(300000);
    Commit large = ExampleCommit(3);
    large.state.assign(1000000, 'x');
    const std::string error = ErrorOf([&] { store->Write(large); });
    if (ReadEverything(*store) != ExampleContents(2)) return "changed: " + error;
    LimitFileSize(RLIM_INFINITY);
    store->Write(ExampleCommit(3));
    return error;
  };
  EXPECT_THAT(InChild(Privileges::kSame, fill),
              AllOf(testing::StartsWith(temp.file().string() + ": no room left on the disk"),
                    HasSubstr("free some space and resume the run")));
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents(3));
}

TEST(FullDisk, DyingThereLosesNoEarlierCommit) {
  RunFolder temp;
  MakeExampleRun(temp.run(), 2);
  const auto fill = [&] {
    const auto store = RunStore::Open(temp.run());
    LimitFileSize(300000);
    Commit large = ExampleCommit(3);
    large.state.assign(1000000, 'x');
    return ErrorOf([&] { store->Write(large); });
  };
  EXPECT_THAT(InChild(Privileges::kSame, fill), HasSubstr("no room left on the disk"));
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents(2));
}

TEST(FullDisk, AFailedCreateDoesNotBlockTheNext) {
  RunFolder temp;
  const auto create = [&] {
    LimitFileSize(8192);
    return ErrorOf([&] { RunStore::Create(temp.run(), ExampleInfo()); });
  };
  EXPECT_THAT(InChild(Privileges::kSame, create), HasSubstr("no room left on the disk"));
  MakeExampleRun(temp.run());
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp.run())), ExampleContents());
}

}  // namespace
}  // namespace dne
