// SPDX-License-Identifier: MIT
#include "dne/nn/activation.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace dne {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Sigmoid, IsWithinHalfAMillionthOfTheTruth) {
  for (int i = -300000; i <= 300000; ++i) {
    const float x = static_cast<float>(i) * 1e-4f;
    ASSERT_NEAR(Sigmoid(x), 1 / (1 + std::exp(-double{x})), 5e-7) << x;
    ASSERT_GE(Sigmoid(x), 0.0f) << x;
    ASSERT_LE(Sigmoid(x), 1.0f) << x;
  }
  EXPECT_EQ(Sigmoid(0), 0.5f);
  EXPECT_EQ(Sigmoid(kInf), 1.0f);
  EXPECT_NEAR(Sigmoid(-kInf), 0.0f, 5e-7);
  EXPECT_TRUE(std::isnan(Sigmoid(kNan)));
}

double TrueSelu(double x) {
  return 1.0507009873554804934 * (x > 0 ? x : 1.6732632423543772848 * std::expm1(x));
}

TEST(Selu, IsWithinTwoMillionthsOfTheTruth) {
  for (int i = -300000; i <= 100000; ++i) {
    const float x = static_cast<float>(i) * 1e-4f;
    ASSERT_NEAR(Selu(x), TrueSelu(x), 2e-6 * std::max(1.0, std::abs(TrueSelu(x)))) << x;
  }
  // Nothing cancels near zero.
  for (float x = -1e-2f; x < -1e-30f; x *= 0.7f) {
    ASSERT_NEAR(Selu(x), TrueSelu(x), 1e-6 * std::abs(TrueSelu(x))) << x;
  }
  EXPECT_EQ(std::bit_cast<uint32_t>(Selu(-0.0f)), std::bit_cast<uint32_t>(-0.0f));
  EXPECT_EQ(Selu(kInf), kInf);
  EXPECT_NEAR(Selu(-kInf), -kSeluScaleAlpha, 2e-6);
  EXPECT_TRUE(std::isnan(Selu(kNan)));
}

}  // namespace
}  // namespace dne
