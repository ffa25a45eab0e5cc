// SPDX-License-Identifier: MIT
// Values that are larger than the database takes; its limit, of 1,000,000,000 bytes, is lowered.
#include "dne/store/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>
#include <vector>

#include "tests/store/example.h"

namespace dne {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int kLimit = 100'000;

class LargeValues : public testing::Test {
 protected:
  LargeValues() : database_(temp_.path() / "values", Database::Access::kCreate) {
    database_.Execute("CREATE TABLE pair (a BLOB, b TEXT)");
    sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, kLimit);
  }

  std::string ErrorOfPair(size_t blob_bytes, size_t text_bytes) {
    return ErrorOf([&] {
      Statement(database_, "INSERT INTO pair VALUES (?1, ?2)")
          .Run(std::vector<uint8_t>(blob_bytes), std::string(text_bytes, 'x'));
    });
  }

  RunFolder temp_;
  Database database_;
};

TEST_F(LargeValues, AreRefusedWithTheirSizes) {
  EXPECT_THAT(ErrorOfPair(kLimit + 1, 0),
              AllOf(HasSubstr("a value has 100001 bytes, the largest may have 100000"),
                    HasSubstr("everything committed before is intact")));
  EXPECT_THAT(ErrorOfPair(0, kLimit + 1), HasSubstr("a value has 100001 bytes"));
}

TEST_F(LargeValues, AreRefusedTogetherToo) {
  EXPECT_THAT(ErrorOfPair(kLimit / 2, kLimit / 2),
              AllOf(HasSubstr("does not take what is to be stored (string or blob too big)"),
                    HasSubstr("use a smaller network")));
  Statement(database_, "INSERT INTO pair VALUES (?1, ?2)")
      .Run(std::vector<uint8_t>(kLimit / 3), std::string(kLimit / 2, 'x'));
}

}  // namespace
}  // namespace dne
