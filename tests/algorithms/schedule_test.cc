// SPDX-License-Identifier: MIT
#include "dne/algorithms/schedule.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

TEST(Schedule, ConstantStaysAtItsStart) {
  const Schedule schedule{.type = ScheduleType::kConstant, .end = 9, .generations = 2};
  EXPECT_EQ(schedule.ValueAt(0.5f, 0), 0.5f);
  EXPECT_EQ(schedule.ValueAt(0.5f, 1000), 0.5f);
}

TEST(Schedule, LinearGoesFromStartToEndAndStays) {
  const Schedule schedule{.type = ScheduleType::kLinear, .end = 0.5f, .generations = 10};
  EXPECT_EQ(schedule.ValueAt(1, 0), 1.0f);
  EXPECT_EQ(schedule.ValueAt(1, 5), 0.75f);
  EXPECT_EQ(schedule.ValueAt(1, 10), 0.5f);
  EXPECT_EQ(schedule.ValueAt(1, 11), 0.5f);
}

TEST(Schedule, ExponentialMultipliesByAConstantFactor) {
  const Schedule schedule{.type = ScheduleType::kExponential, .end = 0.0625f, .generations = 4};
  EXPECT_FLOAT_EQ(schedule.ValueAt(1, 1), 0.5f);
  EXPECT_FLOAT_EQ(schedule.ValueAt(1, 2), 0.25f);
  EXPECT_FLOAT_EQ(schedule.ValueAt(1, 9), 0.0625f);
}

}  // namespace
}  // namespace dne
