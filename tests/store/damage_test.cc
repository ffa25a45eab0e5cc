// SPDX-License-Identifier: MIT
// Damaged, foreign and newer files: a clear error, never a crash, never a wrong answer unseen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "dne/base/error.h"
#include "dne/store/sqlite.h"
#include "tests/store/example.h"

namespace dne {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class DamagedRun : public testing::Test {
 protected:
  DamagedRun() { MakeExampleRun(temp_.run()); }

  std::string ReadBytes() const {
    std::ostringstream bytes;
    bytes << std::ifstream(temp_.file(), std::ios::binary).rdbuf();
    return bytes.str();
  }
  void WriteBytes(const std::string& bytes) const {
    std::ofstream(temp_.file(), std::ios::binary) << bytes;
  }
  void Execute(const char* sql) const {
    Database(temp_.file(), Database::Access::kWrite).Execute(sql);
  }
  std::string OpenError() const {
    return ErrorOf([&] { RunStore::Open(temp_.run()); });
  }
  std::string ReadError() const {
    return ErrorOf([&] { ReadEverything(*RunStore::OpenReadOnly(temp_.run())); });
  }
  auto IsDamaged(const std::string& cause) const {
    return AllOf(testing::StartsWith(temp_.file().string() + " is damaged ("), HasSubstr(cause),
                 HasSubstr("restore the run's folder from a copy, or start a new run"));
  }
  auto IsForeign() const {
    return AllOf(testing::StartsWith(temp_.file().string() + " is not a run of dne"),
                 HasSubstr("name a folder that a run of dne made"));
  }

  RunFolder temp_;
};

TEST_F(DamagedRun, TextIsNotARun) {
  WriteBytes(std::string(5000, 'x'));
  EXPECT_THAT(OpenError(), IsForeign());
  EXPECT_THAT(ReadError(), IsForeign());
}

TEST_F(DamagedRun, AnEmptyFileIsNotARun) {
  WriteBytes("");
  EXPECT_THAT(OpenError(), IsForeign());
  EXPECT_THAT(ReadError(), IsForeign());
}

TEST_F(DamagedRun, AFolderIsNotARun) {
  fs::remove(temp_.file());
  fs::create_directory(temp_.file());
  EXPECT_THAT(OpenError(), HasSubstr(temp_.file().string() + " is a folder, not a run"));
  EXPECT_THAT(ReadError(), HasSubstr(temp_.file().string() + " is a folder, not a run"));
}

TEST_F(DamagedRun, TheDatabaseOfAnotherProgramIsNotARun) {
  Execute("PRAGMA application_id = 4711");
  EXPECT_THAT(OpenError(), IsForeign());
  EXPECT_THAT(ReadError(), IsForeign());
}

TEST_F(DamagedRun, ANewerSchemaAsksForTheNewerDne) {
  Execute("PRAGMA user_version = 6");
  const std::string expected = temp_.file().string() +
                               " was written by a newer dne (schema 6, this one knows up to 5): "
                               "use the newer dne";
  EXPECT_EQ(OpenError(), expected);
  EXPECT_EQ(ReadError(), expected);
  Execute("PRAGMA user_version = 5");
  EXPECT_EQ(ReadEverything(*RunStore::Open(temp_.run())), ExampleContents());
}

TEST_F(DamagedRun, NoSchemaVersionIsSeen) {
  Execute("PRAGMA user_version = 0");
  EXPECT_THAT(OpenError(), IsDamaged("no schema version"));
}

TEST_F(DamagedRun, AMissingTableIsNamed) {
  for (const std::string name :
       {"episode", "centre", "attachment", "log", "centre_update", "centre_move", "cloud"}) {
    Execute(("ALTER TABLE " + name + " RENAME TO something").c_str());
    EXPECT_THAT(OpenError(), IsDamaged("no table " + name));
    EXPECT_THAT(ReadError(), IsDamaged("no table " + name));
    Execute(("ALTER TABLE something RENAME TO " + name).c_str());
  }
  EXPECT_EQ(OpenError(), "no error");
}

TEST_F(DamagedRun, AMissingColumnIsNamed) {
  Execute("ALTER TABLE trial RENAME COLUMN fitness TO something");
  EXPECT_THAT(ReadError(), IsDamaged("no such column: fitness"));
}

TEST_F(DamagedRun, ATruncatedFileIsSeen) {
  const std::string bytes = ReadBytes();
  for (size_t size : {size_t{50}, size_t{600}, bytes.size() / 2, bytes.size() - 1}) {
    WriteBytes(bytes.substr(0, size));
    EXPECT_NE(OpenError(), "no error") << size;
    EXPECT_NE(ReadError(), "no error") << size;
  }
  WriteBytes(bytes.substr(0, bytes.size() - 1));
  EXPECT_THAT(ReadError(), IsDamaged("its end is missing"));
  WriteBytes(bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(OpenError(), IsDamaged("malformed"));
  EXPECT_THAT(ReadError(), IsDamaged("malformed"));
}

TEST_F(DamagedRun, AChangedStateFailsItsChecksum) {
  std::string bytes = ReadBytes();
  const size_t at = bytes.find(ExampleState(3));
  ASSERT_NE(at, std::string::npos);
  bytes[at + 2] ^= 1;
  WriteBytes(bytes);
  const auto store = RunStore::Open(temp_.run());
  EXPECT_THAT(ErrorOf([&] { store->LastCheckpoint(); }),
              IsDamaged("the checkpoint's checksum is wrong"));
  EXPECT_EQ(store->Generations(), ExampleContents().generations);
}

TEST_F(DamagedRun, ACheckpointOfAnotherGenerationFailsItsChecksum) {
  Execute("UPDATE checkpoint SET next_generation = 9");
  EXPECT_THAT(ReadError(), IsDamaged("the checkpoint's checksum is wrong"));
}

TEST_F(DamagedRun, AWriterFindsADamagedPageBeforeItGoesOn) {
  std::string bytes = ReadBytes();
  const size_t page = bytes.rfind("validate") / 4096 * 4096;
  ASSERT_GT(page, 0u);
  for (size_t i = 0; i < 8; ++i) bytes[page + i] ^= 0x55;
  WriteBytes(bytes);
  EXPECT_THAT(OpenError(), IsDamaged(""));
  EXPECT_THAT(ReadError(), IsDamaged(""));
}

TEST_F(DamagedRun, ValuesOutOfRangeAreNamed) {
  const auto error_after = [&](const char* sql) {
    const std::string bytes = ReadBytes();
    Execute(sql);
    const std::string error = ReadError();
    WriteBytes(bytes);
    return error;
  };
  EXPECT_THAT(error_after("DELETE FROM run WHERE key = 'machine'"),
              IsDamaged("no machine in table run"));
  EXPECT_THAT(error_after("UPDATE run SET value = '12x' WHERE key = 'seed'"),
              IsDamaged("the run's seed is '12x'"));
  EXPECT_THAT(error_after("UPDATE generation SET digest = 'xyz'"), IsDamaged("the digest 'xyz'"));
  EXPECT_THAT(error_after("UPDATE episode SET ending = 4"),
              IsDamaged("the ending 4 of an episode"));
  EXPECT_THAT(error_after("UPDATE trial SET individual_item = -1"),
              IsDamaged("individual_item out of range"));
  EXPECT_THAT(error_after("DELETE FROM trial WHERE idx = 3"),
              IsDamaged("an episode without its trial"));
  EXPECT_EQ(ReadError(), "no error");
}

TEST_F(DamagedRun, ACentreOfOddLengthIsSeen) {
  const RunFolder temp;
  MakeExampleEsRun(temp.run());
  Database(temp.file(), Database::Access::kWrite)
      .Execute("UPDATE centre SET policy = substr(policy, 1, 7) WHERE generation = 2");
  const auto store = RunStore::OpenReadOnly(temp.run());
  EXPECT_THAT(ErrorOf([&] { store->HistoryOf(CentreBirth(2, 0)); }),
              AllOf(testing::StartsWith(temp.file().string() + " is damaged ("),
                    HasSubstr("the length of a centre's policy")));
  EXPECT_TRUE(store->HistoryOf(CentreBirth(1, 0)).has_value());
}

TEST_F(DamagedRun, ACloudThatCannotBeUnpackedIsNamed) {
  const RunFolder temp;
  MakeExampleEsRun(temp.run());
  for (const char* sql : {"UPDATE cloud SET members = members + 1 WHERE generation = 2",
                          "UPDATE cloud SET data = substr(data, 1, 50) WHERE generation = 2"}) {
    Database(temp.file(), Database::Access::kWrite).Execute(sql);
    const auto store = RunStore::OpenReadOnly(temp.run());
    EXPECT_THAT(ErrorOf([&] { store->Trials(2); }),
                AllOf(testing::StartsWith(temp.file().string() + " is damaged ("),
                      HasSubstr("a cloud of generation 2")));
    EXPECT_FALSE(store->Trials(1).empty());
  }
}

TEST_F(DamagedRun, AnyFlippedByteGivesAnErrorOrAnAnswerButNoCrash) {
  const std::string bytes = ReadBytes();
  size_t errors = 0;
  for (size_t at = 0; at < bytes.size(); at += 61) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 + at % 255));
    WriteBytes(flipped);
    errors += ReadError() == "no error" ? 0 : 1;  // any other exception ends the test
  }
  EXPECT_GT(errors, 10u);
}

TEST_F(DamagedRun, AnotherProgramsTransactionIsWaitedForAndThenNamed) {
  const auto store = RunStore::Open(temp_.run());
  {
    const Database shell(temp_.file(), Database::Access::kWrite);
    const Transaction held(shell, Transaction::Kind::kWrite);
    EXPECT_THAT(ErrorOf([&] { store->Write(ExampleCommit(4)); }),
                AllOf(HasSubstr(temp_.file().string() + " is locked by another program"),
                      HasSubstr("close the database shell")));
    EXPECT_EQ(ReadEverything(*store), ExampleContents(3));
  }
  store->Write(ExampleCommit(4));
  EXPECT_EQ(ReadEverything(*store), ExampleContents(4));
}

}  // namespace
}  // namespace dne
