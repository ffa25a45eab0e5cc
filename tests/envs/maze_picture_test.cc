// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "dne/base/digest.h"
#include "dne/envs/maze/picture_stack.h"
#include "dne/envs/maze/robot.h"

namespace dne {
namespace {

using Picture = std::vector<uint8_t>;

// Every pixel asked for by itself.
Picture PlainPicture(const MazePictures& pictures, MazePoint location, float heading) {
  Picture picture(pictures.ground().begin(), pictures.ground().end());
  const RobotShape robot = ShapeOf(pictures.view(), location, heading);
  for (int y = 0; y < kPictureSide; ++y) {
    for (int x = 0; x < kPictureSide; ++x) {
      uint8_t& pixel = picture[static_cast<size_t>(y * kPictureSide + x)];
      if (!IsNear(x, y, robot.centre, robot.centre, robot.radius)) continue;
      pixel = IsNear(x, y, robot.centre, robot.front, 0.5f) ? 192 : 0;
    }
  }
  return picture;
}

void ExpectStack(const PictureStack& stack, const std::deque<Picture>& last, int step) {
  const auto bytes = stack.bytes();
  ASSERT_EQ(bytes.size(), last.size() * last[0].size());
  for (size_t channel = 0; channel < last.size(); ++channel) {
    for (size_t i = 0; i < last[channel].size(); ++i) {
      ASSERT_EQ(bytes[i * kPictureStack + channel], last[channel][i])
          << step << " " << channel << " " << i;
    }
  }
}

// The newest comes last, and the first picture stands for those before it.
TEST(PictureStack, ShowsTheLastFourPicturesDrawnWhole) {
  for (const Maze* maze : {&HardMaze(), &MediumMaze()}) {
    const MazePictures pictures(*maze);
    PictureStack stack(pictures);
    const WallTable walls(maze->walls);
    Robot robot(*maze, walls);
    for (int episode = 0; episode < 2; ++episode) {
      robot.Reset();
      stack.Fill(robot.location(), robot.heading());
      std::deque<Picture> last(kPictureStack,
                               PlainPicture(pictures, robot.location(), robot.heading()));
      for (int step = 0; step < 200; ++step) {
        ASSERT_NO_FATAL_FAILURE(ExpectStack(stack, last, step));
        robot.Step(step % 50 < 25 ? 0.9f : 0.3f, 0.95f);
        stack.Push(robot.location(), robot.heading());
        last.pop_front();
        last.push_back(PlainPicture(pictures, robot.location(), robot.heading()));
      }
    }
  }
}

TEST(MazePictures, AreWhiteWithThinBlackWallsAndNoGoal) {
  const MazePictures pictures(HardMaze());
  int black = 0;
  for (const uint8_t pixel : pictures.ground()) {
    ASSERT_TRUE(pixel == 0 || pixel == 255);
    black += pixel == 0;
  }
  // The walls' lengths sum up to 1,325 units of 0.406 pixels.
  EXPECT_NEAR(black, 560, 100);
  const MazePoint goal = pictures.view()(HardMaze().goal);
  EXPECT_EQ(pictures.ground()[static_cast<size_t>(static_cast<int>(goal.y) * kPictureSide +
                                                  static_cast<int>(goal.x))],
            255);
  Digest digest;
  digest.AddBytes(pictures.ground());
  EXPECT_EQ(digest.value(), 0x641c18d732d6d75bu) << std::hex << "0x" << digest.value();
}

TEST(View, ShowsAllWallsInTheMiddle) {
  for (const Maze* maze : {&HardMaze(), &MediumMaze()}) {
    const View view(*maze, 100, 3);
    MazePoint low = {100, 100};
    MazePoint high = {0, 0};
    for (const MazeWall& wall : maze->walls) {
      for (const MazePoint end : {view(wall.a), view(wall.b)}) {
        low = {std::min(low.x, end.x), std::min(low.y, end.y)};
        high = {std::max(high.x, end.x), std::max(high.y, end.y)};
      }
    }
    EXPECT_NEAR(std::min(low.x, low.y), 3, 1e-3);
    EXPECT_NEAR(low.x, 100 - high.x, 1e-3);
    EXPECT_NEAR(low.y, 100 - high.y, 1e-3);
  }
}

TEST(ColourPicture, ShowsStartGoalWallsAndRobot) {
  const View view(HardMaze(), 480, 12);
  ColourPicture picture = DrawMaze(HardMaze(), view, 480, 5);
  const auto at = [&](MazePoint p) {
    const MazePoint pixel = view(p);
    const auto first =
        static_cast<size_t>(3 * (static_cast<int>(pixel.y) * 480 + static_cast<int>(pixel.x)));
    const auto rgb = picture.rgb().subspan(first, 3);
    return std::vector<int>(rgb.begin(), rgb.end());
  };
  EXPECT_EQ(at({120, 180}), (std::vector<int>{255, 255, 255}));
  EXPECT_EQ(at(HardMaze().goal), (std::vector<int>{60, 180, 75}));
  EXPECT_EQ(at(HardMaze().start), (std::vector<int>{200, 200, 200}));
  EXPECT_EQ(at({56, 100}), (std::vector<int>{0, 0, 0}));
  picture.DrawRobot(ShapeOf(view, {120, 180}, 90));
  EXPECT_EQ(at({120, 176}), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(at({120, 184}), (std::vector<int>{255, 200, 0})) << "it heads down";
}

}  // namespace
}  // namespace dne
