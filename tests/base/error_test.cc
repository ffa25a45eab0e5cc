// SPDX-License-Identifier: MIT
// A bug names its condition and its place, and is not taken for a user's mistake.
#include "dne/base/error.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace dne {
namespace {

TEST(Check, NamesTheConditionAndThePlace) {
  try {
    DNE_CHECK(1 + 1 == 3);
    FAIL() << "nothing thrown";
  } catch (const BugError& bug) {
    const std::string text = bug.what();
    EXPECT_NE(text.find("1 + 1 == 3"), std::string::npos) << text;
    EXPECT_NE(text.find("error_test.cc:"), std::string::npos) << text;
  }
}

TEST(Check, IsSilentWhileTheConditionHolds) { EXPECT_NO_THROW(DNE_CHECK(1 + 1 == 2)); }

TEST(Check, IsNotAnError) { EXPECT_FALSE((std::is_base_of_v<Error, BugError>)); }

}  // namespace
}  // namespace dne
