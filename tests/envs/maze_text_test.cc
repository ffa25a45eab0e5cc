// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "dne/base/error.h"
#include "dne/envs/maze/breadcrumbs.h"
#include "dne/envs/maze/maze.h"

namespace dne {
namespace {

TEST(MazeText, HoldsThePublishedMazes) {
  const Maze& hard = HardMaze();
  EXPECT_FALSE(hard.disabled_by_collision);
  EXPECT_EQ(hard.steps, 400);
  EXPECT_EQ(hard.start, (MazePoint{36, 184}));
  EXPECT_EQ(hard.heading, 0);
  EXPECT_EQ(hard.goal, (MazePoint{31, 20}));
  ASSERT_EQ(hard.walls.size(), 13u);
  EXPECT_EQ(hard.walls.front(), (MazeWall{{41, 5}, {3, 8}}));
  EXPECT_EQ(hard.walls.back(), (MazeWall{{56, 55}, {133, 30}}));
  EXPECT_EQ(MediumMaze().start, (MazePoint{30, 22}));
  EXPECT_EQ(MediumMaze().goal, (MazePoint{270, 100}));
  EXPECT_EQ(MediumMaze().walls.size(), 11u);
}

TEST(MazeText, IsNumbersWhateverLiesBetween) {
  const Maze maze = ParseMaze("1 50\r\n\n1\t20.5 3e1 90 5 5 5 5\n1 2 3 4", "x");
  EXPECT_EQ(maze, (Maze{.disabled_by_collision = true,
                        .steps = 50,
                        .start = {20.5f, 30},
                        .heading = 90,
                        .goal = {5, 5},
                        .walls = {{{1, 2}, {3, 4}}}}));
}

std::string MistakeOf(std::string_view text) {
  try {
    ParseMaze(text, "my.txt");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(MazeText, SaysWhereItIsWrongAndWhatToDo) {
  EXPECT_EQ(MistakeOf(""),
            "my.txt:1: the maze ends before whether a collision disables the robot: give 0 to 1");
  EXPECT_EQ(MistakeOf("0\n400\n2\n36 184\n0\n31 20\n31 20\n1 1 2 2\n3 3 4\n"),
            "my.txt:10: the maze ends before wall 2's second end (y): give 0 to 400");
  EXPECT_EQ(MistakeOf("0\n400\nmany\n"),
            "my.txt:3: 'many' is not a number, but the number of walls comes here: give 1 to 1000");
  EXPECT_EQ(MistakeOf("0\n400\n0\n"), "my.txt:3: the number of walls must be 1 to 1000, got 0");
  EXPECT_EQ(MistakeOf("0\n400\n1001\n"),
            "my.txt:3: the number of walls must be 1 to 1000, got 1001");
  EXPECT_EQ(MistakeOf("0\n400\n1.5\n"),
            "my.txt:3: the number of walls must be a whole number, got "
            "1.5");
  EXPECT_EQ(MistakeOf("2\n"),
            "my.txt:1: whether a collision disables the robot must be 0 to 1, got 2");
  EXPECT_EQ(MistakeOf("0\n-4\n"), "my.txt:2: the number of steps must be 1 to 100000, got -4");
  EXPECT_EQ(MistakeOf("0\n400\n1\nnan 2"), "my.txt:4: the start (x) must be 0 to 400, got nan");
  EXPECT_EQ(MistakeOf("0\n400\n1\n1 401"), "my.txt:4: the start (y) must be 0 to 400, got 401");
  EXPECT_EQ(MistakeOf("0\n400\n1\n1 1e99"),
            "my.txt:4: '1e99' is not a number, but the start (y) comes here: give 0 to 400");
  EXPECT_EQ(MistakeOf("0\n400\n1\n36 184\n0\n31 20\n31 20\n1 1 1 1\n"),
            "my.txt:8: wall 1 has no length: give it two different ends");
  EXPECT_EQ(MistakeOf("0\n400\n1\n36 184\n0\n31 20\n31 20\n0 1e-30 0 0\n"),
            "my.txt:8: wall 1 has no length: give it two different ends");
  EXPECT_EQ(MistakeOf("0\n400\n1\n36 184\n0\n31 20\n31 20\n30 180 40 180\n"),
            "my.txt:8: wall 1 is 4.0 from the start, but the robot's radius is 8: move one of "
            "them");
  EXPECT_EQ(MistakeOf("0\n400\n1\n36 184\n0\n31 20\n31 20\n30 176 40 176\n"), "none")
      << "at its radius the robot does not touch";
  EXPECT_EQ(MistakeOf("0\n400\n1\n36 184\n0\n31 20\n31 20\n1 1 2 2\n3 3 4 4\n"),
            "my.txt:9: '3' comes after the last of 1 walls: raise the number of walls, or remove "
            "what is too much");
}

// The array of the released code.
TEST(Breadcrumbs, AreThoseOfTheHardMaze) {
  const Breadcrumbs breadcrumbs(HardMaze());
  EXPECT_EQ(breadcrumbs.PathLength(HardMaze().start), 523);
  EXPECT_EQ(breadcrumbs.PathLength(HardMaze().goal), 0);
  EXPECT_EQ(breadcrumbs.PathLength({31.9f, 21.9f}), 1) << "cells, not points";
  EXPECT_EQ(breadcrumbs.num_reachable(), 25'712);
  EXPECT_EQ(breadcrumbs.longest(), 634);
  EXPECT_EQ(breadcrumbs.PathLength({300, 300}), 635) << "outside";
  EXPECT_EQ(breadcrumbs.PathLength({-1, 9000}), 635) << "beyond the grid";
}

TEST(Breadcrumbs, NeedAPath) {
  Maze maze{.steps = 1, .start = {20, 20}, .goal = {60, 20}, .walls = {{{40, 0}, {40, 399}}}};
  try {
    const Breadcrumbs none(maze);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "reward is \"breadcrumb\", but no path leads from the maze's start to its goal "
                 "around walls that are 12 wide: move them apart, or give reward = \"distance\"");
  }
  maze.walls[0].b.y = 300;
  EXPECT_GT(Breadcrumbs(maze).PathLength(maze.start), 40);
  maze.goal = {40, 20};
  EXPECT_THROW(Breadcrumbs{maze}, Error) << "the goal lies in a wall";
}

}  // namespace
}  // namespace dne
