// SPDX-License-Identifier: MIT
#include "dne/genome/policy_layout.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace dne {
namespace {

const PolicyLayout kLayout{.num_parameters = 3, .num_normalised = 2};

std::vector<float> Counting(size_t size) {
  std::vector<float> numbers(size);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  return numbers;
}

std::vector<float> Copy(std::span<float> part) { return {part.begin(), part.end()}; }

TEST(PolicyLayout, PartsFollowEachOther) {
  std::vector<float> centre = Counting(kLayout.centre_size(/*has_spreads=*/true));
  const PolicyParts<float> parts = kLayout.PartsOf(std::span(centre));
  EXPECT_EQ(Copy(parts.parameters), (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(Copy(parts.normaliser), (std::vector<float>{3, 4, 5, 6}));
  EXPECT_EQ(Copy(parts.means()), (std::vector<float>{3, 4}));
  EXPECT_EQ(Copy(parts.inverse_deviations()), (std::vector<float>{5, 6}));
  EXPECT_EQ(Copy(parts.spreads), (std::vector<float>{7, 8, 9}));
}

TEST(PolicyLayout, PoliciesHaveNoSpreads) {
  std::vector<float> policy = Counting(kLayout.policy_size());
  EXPECT_EQ(policy.size(), 7u);
  EXPECT_EQ(policy.size(), kLayout.centre_size(/*has_spreads=*/false));
  EXPECT_TRUE(kLayout.PartsOf(std::span(policy)).spreads.empty());
}

TEST(PolicyLayout, NumbersOfAnotherSizeAreABug) {
  for (const size_t size : std::vector<size_t>{0, 6, 8, 9, 11}) {
    std::vector<float> numbers = Counting(size);
    EXPECT_THROW(kLayout.PartsOf(std::span(numbers)), BugError) << size;
  }
}

}  // namespace
}  // namespace dne
