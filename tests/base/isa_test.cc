// SPDX-License-Identifier: MIT
// Names of the code paths, and which of them this processor runs.
#include "dne/base/isa.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "dne/base/error.h"

namespace dne {
namespace {

std::string ParseError(std::string_view name) {
  try {
    ParseIsa(name);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Isa, NamesAreTheDocumentedOnes) {
  EXPECT_EQ(IsaName(Isa::kScalar), "scalar");
  EXPECT_EQ(IsaName(Isa::kAvx2), "avx2");
  EXPECT_EQ(IsaName(Isa::kAvx512), "avx512");
  EXPECT_EQ(IsaName(Isa::kNeon), "neon");
}

TEST(Isa, SupportedNamesParseBack) {
  for (Isa isa : SupportedIsas()) {
    EXPECT_TRUE(IsaSupported(isa));
    EXPECT_EQ(ParseIsa(IsaName(isa)), isa);
  }
}

TEST(Isa, ScalarIsAlwaysThereAndComesFirst) {
  EXPECT_TRUE(IsaSupported(Isa::kScalar));
  EXPECT_EQ(SupportedIsas().front(), Isa::kScalar);
}

TEST(Isa, BestIsTheLastSupported) {
  const auto isas = SupportedIsas();
  EXPECT_EQ(BestIsa(), isas.back());
  EXPECT_TRUE(std::ranges::is_sorted(isas));
}

TEST(Isa, UnknownNameIsRefusedWithTheKnownOnes) {
  EXPECT_EQ(ParseError("sse9"), "unknown code path 'sse9': use scalar, avx2, avx512 or neon");
  EXPECT_EQ(ParseError(""), "unknown code path '': use scalar, avx2, avx512 or neon");
  EXPECT_EQ(ParseError("AVX2"), "unknown code path 'AVX2': use scalar, avx2, avx512 or neon");
}

TEST(Isa, UnsupportedNameIsRefusedWithTheBestOne) {
  for (Isa isa : {Isa::kAvx2, Isa::kAvx512, Isa::kNeon}) {
    if (IsaSupported(isa)) continue;
    const std::string name(IsaName(isa));
    EXPECT_EQ(ParseError(name), "this processor cannot run the " + name + " code path: use " +
                                    std::string(IsaName(BestIsa())) + " or leave --isa out");
  }
}

}  // namespace
}  // namespace dne
