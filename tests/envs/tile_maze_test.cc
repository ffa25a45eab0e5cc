// SPDX-License-Identifier: MIT
#include "dne/envs/maze/tile_maze.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "dne/base/digest.h"
#include "dne/envs/maze/tile_view.h"
#include "dne/episode/descriptor.h"
#include "dne/random/stream.h"

namespace dne {
namespace {

struct Walk {
  double score = 0;
  int steps = 0;
  int frames = 0;
  StepResult last;
  std::vector<double> place;
};

// Choices by the first letters of their names; twice the same letter: 'L' and 'R' turn.
Walk Go(const World& world, const std::string& letters) {
  const auto environment = world.MakeEnvironment();
  environment->Reset({});
  Walk walk;
  for (const char letter : letters) {
    const auto& names = world.spec().action.names;
    const auto named = std::ranges::find_if(names, [&](const std::string& name) {
      return letter == (name.starts_with("TURN_") ? name[5] : name == "NOOP" ? '0' : name[0]);
    });
    walk.last = environment->Step({.choice = static_cast<int>(named - names.begin())});
    walk.score += walk.last.reward;
    walk.frames += walk.last.frames;
    ++walk.steps;
    if (walk.last.terminal) break;
  }
  walk.place = PointFromDescriptor(environment->descriptor());
  return walk;
}

std::string Times(int count, const std::string& letters) {
  std::string text;
  for (int i = 0; i < count; ++i) text += letters;
  return text;
}

TEST(TileMap, HasAStartAndTwentyTwoTargets) {
  int targets = 0;
  for (const std::string_view row : kTileMap) {
    EXPECT_EQ(row.size(), size_t{kTileColumns});
    targets += static_cast<int>(std::ranges::count(row, 'r'));
  }
  EXPECT_EQ(targets, kNumTargets);
  EXPECT_EQ(kTileMap[static_cast<size_t>(kTileStart.y)][static_cast<size_t>(kTileStart.x)], 'S');
  EXPECT_EQ(kTileMap[static_cast<size_t>(kTileGoal.y)][static_cast<size_t>(kTileGoal.x)], 'r');
  for (int i = -1; i <= kTileColumns; ++i) {
    EXPECT_TRUE(IsWall(i, 0) && IsWall(i, kTileRows - 1) && IsWall(i, -1));
    EXPECT_TRUE(IsWall(0, i) && IsWall(kTileColumns - 1, i) && IsWall(kTileColumns, i));
  }
}

TEST(TopdownMaze, IsSolvedByThePathOfTargets) {
  const auto world = MakeTopdownMaze();
  EXPECT_EQ(world->spec().action.names,
            (std::vector<std::string>{"NORTH", "EAST", "SOUTH", "WEST", "NOOP"}));
  const std::string path = Times(10, "E") + Times(6, "S") + "EE" + Times(4, "N");
  const Walk walk = Go(*world, path);
  EXPECT_EQ(walk.score, 22);
  EXPECT_EQ(walk.steps, 22);
  EXPECT_TRUE(walk.last.solved && walk.last.terminal);
  EXPECT_EQ(walk.place, (std::vector<double>{13.5, 7.5}));
}

TEST(TopdownMaze, EndsAfterFortyStepsAndPaysForEachSquareOnce) {
  const Walk walk = Go(*MakeTopdownMaze(), Times(30, "EW"));
  EXPECT_EQ(walk.score, 1);
  EXPECT_EQ(walk.steps, 40);
  EXPECT_TRUE(walk.last.terminal);
  EXPECT_FALSE(walk.last.solved);
}

TEST(TopdownMaze, WallsAndNoopsHoldThePlayer) {
  EXPECT_EQ(Go(*MakeTopdownMaze(), "NSW0").place, (std::vector<double>{1.5, 5.5}));
}

// Blocks of 21 pixels, the player's in the middle.
TEST(TopdownMaze, ShowsThreeByThreeSquares) {
  TileImage image;
  DrawFromAbove({1.5, 5.5, 0}, image);
  const auto at = [&](int x, int y) { return image[static_cast<size_t>(y * kTileViewSide + x)]; };
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      const uint8_t expected = IsWall(column, 4 + row) ? 0 : 255;
      EXPECT_EQ(at(21 * column, 21 * row), expected);
      EXPECT_EQ(at(21 * column + 20, 21 * row + 20), expected);
    }
  }
  EXPECT_EQ(at(31, 31), 128);
  EXPECT_EQ(at(63, 0), 255);
  EXPECT_EQ(at(0, 63), 255);
}

// Half a square a decision, a 16th of a turn.
TEST(FirstPersonMaze, IsSolvedByThePathOfTargets) {
  const auto world = MakeFirstPersonMaze();
  EXPECT_EQ(world->spec().action.names,
            (std::vector<std::string>{"TURN_LEFT", "TURN_RIGHT", "FORWARD", "BACK"}));
  const std::string path = Times(20, "F") + Times(4, "R") + Times(12, "F") + Times(4, "L") +
                           Times(4, "F") + Times(4, "L") + Times(12, "F");
  const Walk walk = Go(*world, path);
  EXPECT_EQ(walk.score, 22);
  EXPECT_TRUE(walk.last.solved && walk.last.terminal);
  EXPECT_LE(walk.steps, 60);
}

TEST(FirstPersonMaze, EndsAfterFourHundredFrames) {
  const Walk walk = Go(*MakeFirstPersonMaze(), Times(200, "R"));
  EXPECT_EQ(walk.steps, 100);
  EXPECT_EQ(walk.frames, 400);
  EXPECT_TRUE(walk.last.terminal);
  EXPECT_EQ(walk.score, 0);
  EXPECT_EQ(walk.place, (std::vector<double>{1.5, 5.5}));
}

TEST(FirstPersonMaze, GoesBackAndSlidesAlongWalls) {
  const auto world = MakeFirstPersonMaze();
  EXPECT_EQ(Go(*world, "FFB").place, (std::vector<double>{2, 5.5}));
  const Walk aslant = Go(*world, "RRFFFF");
  EXPECT_GT(aslant.place[0], 2.8) << "along the corridor";
  EXPECT_LT(aslant.place[1], 6) << "not through its wall";
}

// A corridor ahead, its walls beside, ceiling above and floor below.
TEST(FirstPersonMaze, ShowsWhatItsRaysMeet) {
  TileImage image;
  DrawThroughEyes({1.5, 5.5, 0}, image);
  const auto column = [&](int x) {
    std::vector<int> shades;
    for (int y = 0; y < kTileViewSide; ++y) {
      shades.push_back(image[static_cast<size_t>(y * kTileViewSide + x)]);
    }
    return shades;
  };
  // The far wall, 12.5 squares ahead, is 2 * floor(32 / 12.5 + 0.5) pixels high.
  const std::vector<int> ahead = column(32);
  EXPECT_EQ(std::ranges::count(ahead, 192), 6);
  EXPECT_EQ(std::ranges::count(ahead, 0), 29);
  EXPECT_EQ(std::ranges::count(ahead, 64), 29);
  EXPECT_TRUE(std::ranges::is_sorted(std::vector(ahead.begin(), ahead.begin() + 32)));
  EXPECT_GT(std::ranges::count(column(0), 128), 30) << "the wall beside is near";
}

// Pictures, targets and ends of 100 walks that seldom turn, so that they meet walls and corners.
uint64_t DigestOfWalks(const World& world, uint32_t turns_of_ten) {
  const auto environment = world.MakeEnvironment();
  Stream stream({.seed = 1});
  Digest digest;
  for (int walk = 0; walk < 100; ++walk) {
    environment->Reset({});
    int action = 0;
    for (StepResult result; !result.terminal;) {
      if (stream.Below(10) < turns_of_ten) action = static_cast<int>(stream.Below(4));
      result = environment->Step({.choice = action});
      digest.Add(result.reward);
      digest.AddBytes(environment->observation().bytes);
    }
    digest.AddBytes(environment->descriptor());
  }
  return digest.value();
}

TEST(TopdownMaze, ItsWalksAreGolden) {
  EXPECT_EQ(DigestOfWalks(*MakeTopdownMaze(), 7), 0xb3db0105dd2bb967u);
}

TEST(FirstPersonMaze, ItsWalksAreGolden) {
  EXPECT_EQ(DigestOfWalks(*MakeFirstPersonMaze(), 4), 0xa91084029b671311u);
}

}  // namespace
}  // namespace dne
