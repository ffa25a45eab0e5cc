// SPDX-License-Identifier: MIT
// The two kinds of failure. A user's mistake throws Error; ours trips DNE_CHECK.
#pragma once

#include <stdexcept>
#include <string>

namespace dne {

// Something the user can mend. The text names the value, the limit and what to do.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A broken promise inside dne; the text names the place.
class BugError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

#define DNE_STRINGIFY_(x) #x
#define DNE_STRINGIFY(x) DNE_STRINGIFY_(x)
// Always on. For conditions that only a bug can break; never for input.
#define DNE_CHECK(condition)                                                                     \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      throw ::dne::BugError("dne bug: " #condition " at " __FILE__ ":" DNE_STRINGIFY(__LINE__)); \
    }                                                                                            \
  } while (false)

}  // namespace dne
