// SPDX-License-Identifier: MIT
#include "dne/envs/maze/picture_stack.h"

#include <algorithm>
#include <cstring>

namespace dne {
namespace {

constexpr float kMargin = 2;  // pixels beside the walls
constexpr float kHalfWallWidth = 0.5f;
constexpr float kHalfMarkWidth = 0.5f;
constexpr uint8_t kGround = 255;
constexpr uint8_t kWallOrRobot = 0;
constexpr uint8_t kMark = 192;

size_t PixelAt(int x, int y) { return static_cast<size_t>(y * kPictureSide + x); }

}  // namespace

MazePictures::MazePictures(const Maze& maze)
    : view_(maze, kPictureSide, kMargin),
      ground_(static_cast<size_t>(kPictureSide * kPictureSide), kGround) {
  for (const MazeWall& wall : maze.walls) {
    const MazePoint a = view_(wall.a);
    const MazePoint b = view_(wall.b);
    const Box box = BoxAround(a, b, kHalfWallWidth, kPictureSide);
    for (int y = box.y0; y < box.y1; ++y) {
      for (int x = box.x0; x < box.x1; ++x) {
        if (IsNear(x, y, a, b, kHalfWallWidth)) ground_[PixelAt(x, y)] = kWallOrRobot;
      }
    }
  }
}

PictureStack::PictureStack(const MazePictures& pictures)
    : pictures_(pictures), bytes_(kPictureStack * pictures.ground().size()) {
  for (size_t i = 0; i < bytes_.size(); ++i) bytes_[i] = pictures.ground()[i / kPictureStack];
}

void PictureStack::Fill(MazePoint location, float heading) {
  for (const Sprite& sprite : sprites_) Clear(sprite);
  sprites_.fill(Draw(location, heading));
  for (size_t channel = 0; channel < kPictureStack; ++channel) Put(sprites_[channel], channel);
}

void PictureStack::Push(MazePoint location, float heading) {
  for (const Sprite& sprite : sprites_) Clear(sprite);
  std::shift_left(sprites_.begin(), sprites_.end(), 1);
  sprites_.back() = Draw(location, heading);
  for (size_t channel = 0; channel < kPictureStack; ++channel) Put(sprites_[channel], channel);
}

PictureStack::Sprite PictureStack::Draw(MazePoint location, float heading) const {
  const RobotShape robot = ShapeOf(pictures_.view(), location, heading);
  Sprite sprite{.box = BoxAround(robot.centre, robot.centre, robot.radius, kPictureSide),
                .pixels = {}};
  const Box& box = sprite.box;
  for (int y = box.y0; y < box.y1; ++y) {
    for (int x = box.x0; x < box.x1; ++x) {
      const bool robot_here = IsNear(x, y, robot.centre, robot.centre, robot.radius);
      const bool mark = robot_here && IsNear(x, y, robot.centre, robot.front, kHalfMarkWidth);
      sprite.pixels.push_back(mark         ? kMark
                              : robot_here ? kWallOrRobot
                                           : pictures_.ground()[PixelAt(x, y)]);
    }
  }
  return sprite;
}

// In all four pictures.
void PictureStack::Clear(const Sprite& sprite) {
  for (int y = sprite.box.y0; y < sprite.box.y1; ++y) {
    for (int x = sprite.box.x0; x < sprite.box.x1; ++x) {
      std::memset(&bytes_[PixelAt(x, y) * kPictureStack], pictures_.ground()[PixelAt(x, y)],
                  kPictureStack);
    }
  }
}

void PictureStack::Put(const Sprite& sprite, size_t channel) {
  const uint8_t* pixel = sprite.pixels.data();
  for (int y = sprite.box.y0; y < sprite.box.y1; ++y) {
    for (int x = sprite.box.x0; x < sprite.box.x1; ++x) {
      bytes_[PixelAt(x, y) * kPictureStack + channel] = *pixel++;
    }
  }
}

}  // namespace dne
