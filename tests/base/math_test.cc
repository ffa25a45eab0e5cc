// SPDX-License-Identifier: MIT
// The program's own sine, exponential and so on (cmake/DneMath.cmake), as the loader hands them to
// shared libraries: the engine of the bodies finds them by name, before those of the C library.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <string>

#include "dne/base/digest.h"

namespace dne {
namespace {

constexpr int kPoints = 20000;

void* BaseOf(const void* address) {
  Dl_info info{};
  EXPECT_NE(dladdr(address, &info), 0);
  return info.dli_fbase;
}

// Fails unless it is this program that exports the function.
template <class Signature>
Signature* Exported(const char* name) {
  void* address = dlsym(RTLD_DEFAULT, name);
  EXPECT_EQ(BaseOf(address), BaseOf(std::bit_cast<void*>(&BaseOf))) << name;
  return std::bit_cast<Signature*>(address);
}

struct Known {
  const char* name;
  double low, high;  // arguments
  uint64_t digest;   // of the values
};

template <class Number>
Number Point(const Known& known, int i) {
  return static_cast<Number>(known.low + (known.high - known.low) * i / kPoints);
}

template <class Number>
void ExpectKnownOfOne(const Known& known) {
  const auto function = Exported<Number(Number)>(known.name);
  Digest digest;
  for (int i = 0; i < kPoints; ++i) digest.Add(function(Point<Number>(known, i)));
  EXPECT_EQ(digest.value(), known.digest) << known.name << std::hex << " " << digest.value();
}

// The second argument runs the other way, at another pace.
template <class Number>
void ExpectKnownOfTwo(const Known& known) {
  const auto function = Exported<Number(Number, Number)>(known.name);
  Digest digest;
  for (int i = 0; i < kPoints; ++i) {
    digest.Add(function(Point<Number>(known, i), Point<Number>(known, kPoints - i / 3)));
  }
  EXPECT_EQ(digest.value(), known.digest) << known.name << std::hex << " " << digest.value();
}

TEST(Math, FunctionsOfOneDoubleAreTheProgramsOwn) {
  for (const Known& known :
       {Known{"acos", -1, 1, 0x5b157ffe1a3b84df}, Known{"asin", -1, 1, 0x5b35e8a3b27492da},
        Known{"cbrt", -9, 9, 0x70ecd9269439765e}, Known{"cos", -50, 50, 0xd43a5480ba0e606e},
        Known{"erfc", -3, 6, 0x9ad3d0f093fb64f5}, Known{"exp", -20, 20, 0x3c6beddcbd8d79c8},
        Known{"log", 0.001, 100, 0x0f2b4e30fd874f2c}, Known{"sin", -50, 50, 0x71455a8af3b4aaee},
        Known{"tan", -50, 50, 0xb20235a1a2ac32b6}}) {
    ExpectKnownOfOne<double>(known);
  }
}

TEST(Math, FunctionsOfOneFloatAreTheProgramsOwn) {
  for (const Known& known :
       {Known{"atanf", -50, 50, 0xcd9cc039f47b5327}, Known{"cosf", -50, 50, 0xa33e0d6d5d2bd0ad},
        Known{"log10f", 0.001, 100, 0x256d3c4d8f1aafb5},
        Known{"sinf", -50, 50, 0xea8e22c9e6df02b9}}) {
    ExpectKnownOfOne<float>(known);
  }
}

TEST(Math, FunctionsOfTwoNumbersAreTheProgramsOwn) {
  ExpectKnownOfTwo<double>({"atan2", -5, 4, 0xaeb7402e52df9cd7});
  ExpectKnownOfTwo<double>({"pow", 0.001, 9, 0x229e7c8772589d19});
  ExpectKnownOfTwo<float>({"atan2f", -5, 4, 0x54c19a33c1848982});
  ExpectKnownOfTwo<float>({"powf", 0.001, 9, 0x82d58cad9b6ad95f});
}

}  // namespace
}  // namespace dne
