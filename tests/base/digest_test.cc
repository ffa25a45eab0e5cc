// SPDX-License-Identifier: MIT
// The digest is FNV-1a, 64 bits; golden values from the published test vectors.
#include "dne/base/digest.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace dne {
namespace {

uint64_t OfText(std::string_view text) {
  Digest digest;
  digest.AddText(text);
  return digest.value();
}

TEST(Digest, IsFnv1a) {
  EXPECT_EQ(Digest().value(), 0xcbf29ce484222325u);
  EXPECT_EQ(OfText("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(OfText("foobar"), 0x85944171f73967e8u);
}

TEST(Digest, IntegersCountAsLittleEndianBytes) {
  Digest number;
  number.Add(uint32_t{0x64636261});
  EXPECT_EQ(number.value(), OfText("abcd"));
  Digest negative;
  negative.Add(int16_t{-2});
  Digest bytes;
  const uint8_t raw[] = {0xfe, 0xff};
  bytes.AddBytes(raw);
  EXPECT_EQ(negative.value(), bytes.value());
}

TEST(Digest, FloatsCountAsTheirBits) {
  Digest number;
  number.Add(1.0f);
  number.Add(-0.0);
  Digest bits;
  bits.Add(uint32_t{0x3f800000});
  bits.Add(uint64_t{1} << 63);
  EXPECT_EQ(number.value(), bits.value());
}

TEST(Digest, TellsMinusZeroFromZero) {
  Digest minus;
  minus.Add(-0.0f);
  Digest plus;
  plus.Add(0.0f);
  EXPECT_NE(minus.value(), plus.value());
}

}  // namespace
}  // namespace dne
