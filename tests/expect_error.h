// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "dne/base/error.h"

namespace dne {

// The text of the Error that `call` throws; fails the test where it throws none.
template <class Call>
std::string ErrorOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error";
  return "";
}

#define EXPECT_ERROR(call, part)                                          \
  EXPECT_NE(ErrorOf([&] { (void)(call); }).find(part), std::string::npos) \
      << ErrorOf([&] { (void)(call); })

}  // namespace dne
