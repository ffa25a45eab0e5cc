// SPDX-License-Identifier: MIT
// What is seen of a maze from above (1712.06567 v3, 7.4 and figure 1): 84 x 84 grey bytes, ground
// white, walls thin and black, the robot a black disc with a light mark where it heads; not the
// goal. The last four of these pictures, the newest in the last channel.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dne/envs/maze/picture.h"
#include "dne/envs/maze/robot_maze.h"

namespace dne {

// The picture without a robot, drawn once for all environments.
class MazePictures {
 public:
  explicit MazePictures(const Maze& maze);

  const View& view() const { return view_; }
  std::span<const uint8_t> ground() const { return ground_; }  // row by row

 private:
  View view_;
  std::vector<uint8_t> ground_;
};

// Only what is near the robot is drawn anew.
class PictureStack {
 public:
  // `pictures` outlives it.
  explicit PictureStack(const MazePictures& pictures);

  // All four show this robot: what stands before an episode's first picture.
  void Fill(MazePoint location, float heading);
  // One picture more.
  void Push(MazePoint location, float heading);

  // kPictureSide x kPictureSide x kPictureStack, channels last.
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  // A picture where it differs from the ground.
  struct Sprite {
    Box box;
    std::vector<uint8_t> pixels;  // of the box, row by row
  };

  Sprite Draw(MazePoint location, float heading) const;
  void Clear(const Sprite& sprite);
  void Put(const Sprite& sprite, size_t channel);

  const MazePictures& pictures_;
  std::array<Sprite, kPictureStack> sprites_;  // oldest first
  std::vector<uint8_t> bytes_;
};

}  // namespace dne
