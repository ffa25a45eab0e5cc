// SPDX-License-Identifier: MIT
#include "dne/algorithms/schedule.h"

#include <gtest/gtest.h>

namespace dne {
namespace {

TEST(Schedule, ConstantStaysAtItsStart) {
  const Schedule schedule{
      .type = ScheduleType::kConstant, .start = 0.5f, .end = 9, .generations = 2};
  EXPECT_EQ(ScheduleValue(schedule, 0), 0.5f);
  EXPECT_EQ(ScheduleValue(schedule, 1000), 0.5f);
}

TEST(Schedule, LinearGoesFromStartToEndAndStays) {
  const Schedule schedule{
      .type = ScheduleType::kLinear, .start = 1, .end = 0.5f, .generations = 10};
  EXPECT_EQ(ScheduleValue(schedule, 0), 1.0f);
  EXPECT_EQ(ScheduleValue(schedule, 5), 0.75f);
  EXPECT_EQ(ScheduleValue(schedule, 10), 0.5f);
  EXPECT_EQ(ScheduleValue(schedule, 11), 0.5f);
}

TEST(Schedule, ExponentialMultipliesByAConstantFactor) {
  const Schedule schedule{
      .type = ScheduleType::kExponential, .start = 1, .end = 0.0625f, .generations = 4};
  EXPECT_FLOAT_EQ(ScheduleValue(schedule, 1), 0.5f);
  EXPECT_FLOAT_EQ(ScheduleValue(schedule, 2), 0.25f);
  EXPECT_FLOAT_EQ(ScheduleValue(schedule, 9), 0.0625f);
}

}  // namespace
}  // namespace dne
