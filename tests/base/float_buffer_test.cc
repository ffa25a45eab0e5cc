// SPDX-License-Identifier: MIT
#include "dne/base/float_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

namespace dne {
namespace {

TEST(FloatBuffer, HoldsItsSizeOnACacheLine) {
  for (size_t size : {size_t{1}, size_t{17}, size_t{1} << 20}) {
    FloatBuffer buffer(size);
    ASSERT_EQ(buffer.values().size(), size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.values().data()) % 64, 0u);
    std::ranges::fill(buffer.values(), 2.5f);
    EXPECT_EQ(buffer.values().back(), 2.5f);
  }
}

TEST(FloatBuffer, MovesItsValues) {
  FloatBuffer buffer(3);
  std::ranges::fill(buffer.values(), 1.0f);
  const float* place = buffer.values().data();
  const FloatBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.values().data(), place);
}

TEST(FloatBuffer, RefusesSizesWhoseBytesHaveNo64Bits) {
  EXPECT_THROW(FloatBuffer(SIZE_MAX / 4 + 2), std::bad_alloc);  // would wrap to four bytes
}

TEST(FloatBuffer, EmptyHoldsNothing) { EXPECT_TRUE(FloatBuffer().values().empty()); }

}  // namespace
}  // namespace dne
