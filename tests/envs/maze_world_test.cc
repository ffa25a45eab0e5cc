// SPDX-License-Identifier: MIT
// What robot_maze.h says beside the contract of all worlds.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "dne/base/error.h"
#include "dne/envs/maze/breadcrumbs.h"
#include "dne/envs/maze/robot.h"
#include "dne/envs/maze/robot_maze.h"
#include "dne/episode/descriptor.h"

namespace dne {
namespace {

// A goal straight ahead, 100 away; nothing in between.
Maze Corridor(int steps) {
  return {.steps = steps,
          .start = {50, 50},
          .goal = {150, 50},
          .walls = {{{20, 20}, {380, 20}}, {{20, 80}, {380, 80}}}};
}

struct Drive {
  std::vector<double> rewards;
  int frames = 0;
  StepResult last;
  std::vector<double> place;
};

// One action, until the end.
Drive DriveOn(const World& world, float turn, float speed) {
  const auto environment = world.MakeEnvironment();
  environment->Reset({});
  Drive drive;
  const std::array action = {turn, speed};
  while (!drive.last.terminal) {
    drive.last = environment->Step({.values = action});
    drive.rewards.push_back(drive.last.reward);
    drive.frames += drive.last.frames;
  }
  drive.place = PointFromDescriptor(environment->descriptor());
  return drive;
}

TEST(RobotMaze, PaysOnceAtItsLastStepWhatIsLeftToTheGoal) {
  const auto world = MakeRobotMaze(Corridor(20), MazeView::kSensors, {});
  EXPECT_EQ(world->spec().max_episode_steps, 20);
  const Drive drive = DriveOn(*world, 0, 0.5f);
  EXPECT_EQ(drive.rewards.size(), 20u);
  for (size_t i = 0; i + 1 < drive.rewards.size(); ++i) EXPECT_EQ(drive.rewards[i], 0);
  // 0.2, 0.4, ... 3 a step, then 3.
  const float driven = 0.2f * 15 * 16 / 2 + 5 * 3;
  EXPECT_NEAR(drive.rewards.back(), -(100 - driven), 1e-3);
  EXPECT_NEAR(drive.place[0], 50 + driven, 1e-3);
  EXPECT_EQ(drive.place[1], 50);
  EXPECT_FALSE(drive.last.solved);
}

TEST(RobotMaze, IsSolvedAtTheLastStepOrAtAny) {
  // After 38 steps it is at 24 + 23 * 3 = 93, after 39 at 96, after 41 at 102, and then beyond.
  for (const int steps : {38, 41, 60}) {
    const auto last = MakeRobotMaze(Corridor(steps), MazeView::kSensors, {.goal_radius = 5});
    const Drive by_last = DriveOn(*last, 0, 0.5f);
    EXPECT_EQ(by_last.last.solved, steps == 41) << steps;
    EXPECT_EQ(by_last.frames, steps) << "only the last step decides";
    const auto any = MakeRobotMaze(Corridor(steps), MazeView::kSensors,
                                   {.goal_radius = 5, .solved_at_any_step = true});
    const Drive by_any = DriveOn(*any, 0, 0.5f);
    EXPECT_EQ(by_any.last.solved, steps != 38) << steps;
    EXPECT_EQ(by_any.frames, std::min(steps, 39)) << "it ends the episode";
    EXPECT_NEAR(by_any.last.reward, -std::abs(150 - by_any.place[0]), 1e-4);
  }
}

TEST(RobotMaze, ADecisionHoldsForSomeSteps) {
  const auto world =
      MakeRobotMaze(Corridor(20), MazeView::kSensors, {.action_repeat = 3, .action_offset = 0});
  EXPECT_EQ(world->spec().frames_per_step, 3);
  EXPECT_EQ(world->spec().max_episode_steps, 7);
  const Drive drive = DriveOn(*world, 0.5f, 1);
  EXPECT_EQ(drive.rewards.size(), 7u);
  EXPECT_EQ(drive.frames, 20);
  EXPECT_EQ(drive.last.frames, 2) << "the last one is cut off";
  const auto each = MakeRobotMaze(Corridor(20), MazeView::kSensors, {});
  EXPECT_EQ(DriveOn(*each, 0, 0.5f).place, drive.place);
}

TEST(RobotMaze, ADecisionEndsWhereTheMazeIsSolved) {
  const auto world =
      MakeRobotMaze(Corridor(60), MazeView::kSensors,
                    {.action_repeat = 5, .goal_radius = 5, .solved_at_any_step = true});
  const Drive drive = DriveOn(*world, 0, 0.5f);
  EXPECT_EQ(drive.frames, 39);
  EXPECT_EQ(drive.last.frames, 4);
  EXPECT_NEAR(drive.place[0], 50 + 96, 1e-3);
}

TEST(RobotMaze, IsSolvedNearerThanTheRadius) {
  Maze maze = Corridor(1);
  maze.goal = {55, 50};
  const auto is_solved = [&](float radius) {
    const auto world = MakeRobotMaze(maze, MazeView::kSensors, {.goal_radius = radius});
    return DriveOn(*world, 0, 0).last.solved;  // it stands still
  };
  EXPECT_FALSE(is_solved(5));
  EXPECT_TRUE(is_solved(5.001f));
}

TEST(RobotMaze, PaysMinusThePathByBreadcrumbs) {
  const auto world = MakeRobotMaze(HardMaze(), MazeView::kSensors,
                                   {.reward = MazeReward::kBreadcrumb, .action_offset = 0});
  EXPECT_EQ(DriveOn(*world, 0.5f, 0.5f).rewards.back(), -523) << "it stood still";
  const Drive drive = DriveOn(*world, 0.5f, 1);
  const MazePoint end = {static_cast<float>(drive.place[0]), static_cast<float>(drive.place[1])};
  EXPECT_EQ(drive.rewards.back(), -Breadcrumbs(HardMaze()).PathLength(end));
}

TEST(RobotMaze, SensesWhatItsRobotDoes) {
  const auto environment = MakeRobotMaze(HardMaze(), MazeView::kSensors, {})->MakeEnvironment();
  environment->Reset({});
  const WallTable walls(HardMaze().walls);
  Robot robot(HardMaze(), walls);
  for (int i = 0; i < 50; ++i) {
    std::array<float, kNumSensors> senses;
    robot.Sense(senses);
    ASSERT_TRUE(std::ranges::equal(environment->observation().floats, senses)) << i;
    const std::array action = {0.01f, 0.4f};
    environment->Step({.values = action});
    robot.Step(0.51f, 0.9f);
  }
}

}  // namespace
}  // namespace dne
