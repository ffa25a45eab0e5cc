// SPDX-License-Identifier: MIT
// The fast robot against the plain one, bit for bit, and golden values of its drives.
#include <gtest/gtest.h>

#include <bit>
#include <functional>

#include "dne/base/digest.h"
#include "dne/envs/maze/robot.h"
#include "plain_robot.h"

namespace dne {
namespace {

uint32_t Next(uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<uint32_t>(state >> 33);
}
float NextIn(uint64_t& state, float low, float high) {
  return low + (high - low) * static_cast<float>(Next(state)) * 0x1p-31f;
}

// Drives that lead far: each pair of actions holds for a while.
void Drive(uint64_t seed, int steps, const std::function<void(float turn, float drive)>& step) {
  uint64_t state = seed;
  float turn = 0, drive = 0;
  for (int i = 0; i < steps; ++i) {
    if (i % 16 == 0) {
      turn = NextIn(state, 0.3f, 0.7f);
      drive = NextIn(state, -0.2f, 1.4f);
    }
    step(turn, drive);
  }
}

void ExpectSameBits(const Robot& fast, const PlainRobot& plain) {
  ASSERT_EQ(fast.location(), plain.place());
  ASSERT_EQ(fast.heading(), plain.heading());
  std::array<float, kNumSensors> sensed;
  fast.Sense(sensed);
  const auto expected = plain.Sense();
  for (size_t i = 0; i < sensed.size(); ++i) {
    ASSERT_EQ(std::bit_cast<uint32_t>(sensed[i]), std::bit_cast<uint32_t>(expected[i])) << i;
  }
}

void ExpectSameDrives(const Maze& maze, uint64_t seeds, int steps) {
  const WallTable walls(maze.walls);
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    Robot fast(maze, walls);
    PlainRobot plain(maze);
    Drive(seed, steps, [&](float turn, float drive) {
      fast.Step(turn, drive);
      plain.Step(turn, drive);
      ASSERT_NO_FATAL_FAILURE(ExpectSameBits(fast, plain)) << seed;
    });
  }
}

TEST(MazeRobot, DrivesAndSensesAsThePlainOne) {
  ExpectSameDrives(HardMaze(), 60, 400);
  ExpectSameDrives(MediumMaze(), 30, 400);
}

TEST(MazeRobot, IsStoppedForGoodWhereAMazeSaysSo) {
  Maze maze = HardMaze();
  maze.disabled_by_collision = true;
  ExpectSameDrives(maze, 20, 400);
  const WallTable walls(maze.walls);
  Robot robot(maze, walls);
  for (int i = 0; i < 200; ++i) robot.Step(0.5f, 1);
  const MazePoint stopped = robot.location();
  for (int i = 0; i < 200; ++i) robot.Step(0.5f, 0);
  EXPECT_EQ(robot.location(), stopped);
  robot.Reset();
  robot.Step(0.5f, 0.5f);
  EXPECT_EQ(robot.location(), maze.start) << "it begins without speed";
  robot.Step(0.5f, 1);
  EXPECT_NE(robot.location(), maze.start) << "and drives again";
}

// The goal between two quarters, as near as numbers come; 360 degrees, which are not turned back to
// 0.
TEST(MazeRobot, EdgesOfQuartersAndHeadingsAreThePlainOnes) {
  const float below = std::nextafter(100.0f, 0.0f), above = std::nextafter(100.0f, 200.0f);
  for (const float heading : {0.0f, 90.0f, 360.0f}) {
    for (const float x : {-100.0f, 100.0f}) {
      for (const float y : {-above, -100.0f, -below, below, 100.0f, above}) {
        const Maze maze{
            .steps = 1, .heading = heading, .goal = {x, y}, .walls = {{{9, 0}, {9, 9}}}};
        const WallTable walls(maze.walls);
        Robot fast(maze, walls);
        PlainRobot plain(maze);
        fast.Step(0.5f, 0.5f);
        plain.Step(0.5f, 0.5f);
        ASSERT_NO_FATAL_FAILURE(ExpectSameBits(fast, plain)) << heading << " " << x << " " << y;
        ASSERT_EQ(fast.heading(), heading);
      }
    }
  }
}

// Any number of walls: also those that fill no vector.
TEST(MazeRobot, DrivesAmongAnyNumberOfWalls) {
  for (int count = 1; count <= 20; ++count) {
    Maze maze{.steps = 100, .start = {200, 200}, .heading = 77, .goal = {210, 180}, .walls = {}};
    uint64_t state = static_cast<uint64_t>(count);
    while (static_cast<int>(maze.walls.size()) < count) {
      const MazeWall wall = {{NextIn(state, 100, 300), NextIn(state, 100, 300)},
                             {NextIn(state, 100, 300), NextIn(state, 100, 300)}};
      if (Distance(wall, maze.start) >= kRobotRadius) maze.walls.push_back(wall);
    }
    ExpectSameDrives(maze, 8, 100);
  }
}

// The square of the distance decides: also about the numbers next to the radius.
TEST(MazeRobot, TouchesWhatIsNearerThanItsRadius) {
  const std::vector<MazeWall> walls = {{{0, 100}, {300, 100}}, {{50, 0}, {50, 30}}};
  const WallTable table(walls);
  for (const float x : {49.0f, 50.0f, 57.5f, 120.0f, 299.5f, 300.0f, 303.25f}) {
    float y = 91.999f;
    for (int i = 0; i < 400; ++i) {
      const MazePoint centre = {x, y};
      const bool plain =
          Distance(walls[0], centre) < kRobotRadius || Distance(walls[1], centre) < kRobotRadius;
      ASSERT_EQ(table.Touches(centre), plain) << x << " " << y;
      y = std::nextafter(y, 1000.0f);
      if (i == 150) y = std::nextafter(92.0f, 0.0f);
    }
  }
  EXPECT_FALSE(table.Touches({120, 92})) << "at its radius it does not touch";
  EXPECT_TRUE(table.Touches({120, std::nextafter(92.0f, 1000.0f)}));
}

TEST(MazeRobot, RangesEndAtTheFirstWallAndAtTheirReach) {
  const std::vector<MazeWall> walls = {
      {{100, 0}, {100, 50}}, {{60, 0}, {60, 50}}, {{0, 20}, {9, 20}}};
  const WallTable table(walls);
  const std::array<MazePoint, 6> ends = {
      {{110, 10}, {59, 10}, {10, 110}, {110, 50}, {60, 10}, {10, -90}}};
  const auto ranges = table.Ranges({10, 10}, ends);
  EXPECT_EQ(ranges[0], 50) << "the nearer of two";
  EXPECT_EQ(ranges[1], kRange) << "it ends before";
  EXPECT_EQ(ranges[2], kRange) << "nothing there";
  EXPECT_LT(ranges[3], kRange);
  EXPECT_EQ(ranges[4], kRange) << "it ends on the wall";
  EXPECT_EQ(ranges[5], kRange);
}

// As tests/oracle/maze_oracle.py computes them as well.
TEST(MazeRobot, DrivesTheGoldenWays) {
  struct Golden {
    uint64_t seed;
    uint64_t digest;
    MazePoint end;
  };
  for (const auto& [seed, golden, end] :
       {Golden{1, 0x9f4c14c6d86d8ff8, {0x1.d179fep+3f, 0x1.141226p+7f}},
        Golden{2, 0x71f3498617c460c1, {0x1.25d208p+6f, 0x1.0f4848p+7f}},
        Golden{3, 0x79bbbc05f89c1479, {0x1.95439ep+6f, 0x1.3ecf82p+7f}},
        Golden{4, 0xfbceeabb569d51a0, {0x1.26cbbp+6f, 0x1.80ac9ep+7f}}}) {
    const WallTable walls(HardMaze().walls);
    Robot robot(HardMaze(), walls);
    Digest digest;
    Drive(seed, 400, [&](float turn, float drive) {
      robot.Step(turn, drive);
      std::array<float, kNumSensors> sensed;
      robot.Sense(sensed);
      for (const float number : sensed) digest.Add(number);
    });
    digest.Add(robot.location().x);
    digest.Add(robot.location().y);
    digest.Add(robot.heading());
    EXPECT_EQ(digest.value(), golden) << seed << std::hex << " 0x" << digest.value();
    EXPECT_EQ(robot.location(), end) << robot.location().x << " " << robot.location().y;
  }
}

}  // namespace
}  // namespace dne
