// SPDX-License-Identifier: MIT
// The published format: whether a collision disables, steps, number of walls, start, heading, goal,
// point of interest (which nothing uses), then the ends of each wall.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string>

#include "dne/base/error.h"
#include "dne/envs/maze/maze.h"

namespace dne {
namespace {

constexpr int kMaxSteps = 100'000;

class MazeReader {
 public:
  MazeReader(std::string_view text, std::string_view origin) : left_(text), origin_(origin) {}

  Maze Read() {
    Maze maze;
    maze.disabled_by_collision = ReadWhole("whether a collision disables the robot", 0, 1) == 1;
    maze.steps = ReadWhole("the number of steps", 1, kMaxSteps);
    const int walls = ReadWhole("the number of walls", 1, kMaxWalls);
    maze.start = ReadPoint("the start");
    maze.heading = ReadNumber("the heading at the start", 0, 360);
    maze.goal = ReadPoint("the goal");
    ReadPoint("the point of interest (the goal, where there is none)");
    for (int i = 1; i <= walls; ++i) maze.walls.push_back(ReadWall(i, maze.start));
    SkipBlanks();
    if (!left_.empty()) {
      Fail(
          fmt::format("'{}' comes after the last of {} walls: raise the number of walls, or remove "
                      "what is too much",
                      NextWord(), walls));
    }
    return maze;
  }

 private:
  [[noreturn]] void Fail(const std::string& why) const {
    throw Error(fmt::format("{}:{}: {}", origin_, line_, why));
  }

  void SkipBlanks() {
    while (!left_.empty() && std::string_view(" \t\r\n").find(left_[0]) != std::string_view::npos) {
      if (left_[0] == '\n') ++line_;
      left_.remove_prefix(1);
    }
  }

  std::string_view NextWord() const { return left_.substr(0, left_.find_first_of(" \t\r\n")); }

  float ReadNumber(const std::string& what, float min, float max) {
    SkipBlanks();
    const std::string_view word = NextWord();
    if (word.empty()) Fail(fmt::format("the maze ends before {}: give {} to {}", what, min, max));
    float number = 0;
    const char* end = word.data() + word.size();
    const auto [stop, failure] = std::from_chars(word.data(), end, number);
    if (failure != std::errc() || stop != end) {
      Fail(fmt::format("'{}' is not a number, but {} comes here: give {} to {}", word, what, min,
                       max));
    }
    if (!(number >= min && number <= max)) {
      Fail(fmt::format("{} must be {} to {}, got {}", what, min, max, word));
    }
    left_.remove_prefix(word.size());
    return number;
  }

  int ReadWhole(const std::string& what, int min, int max) {
    const float number = ReadNumber(what, static_cast<float>(min), static_cast<float>(max));
    if (number != std::floor(number)) {
      Fail(fmt::format("{} must be a whole number, got {}", what, number));
    }
    return static_cast<int>(number);
  }

  MazePoint ReadPoint(const std::string& what) {
    const float x = ReadNumber(what + " (x)", 0, kMazeSide);
    return {x, ReadNumber(what + " (y)", 0, kMazeSide)};
  }

  MazeWall ReadWall(int number, MazePoint start) {
    const std::string name = fmt::format("wall {}", number);
    const MazePoint a = ReadPoint(name + "'s first end");
    const MazePoint b = ReadPoint(name + "'s second end");
    const float length = Distance(a, b);
    if (length * length == 0)
      Fail(fmt::format("{} has no length: give it two different ends", name));
    const float distance = Distance(MazeWall{a, b}, start);
    if (distance < kRobotRadius) {
      Fail(
          fmt::format("{} is {:.1f} from the start, but the robot's radius is {}: move one of them",
                      name, distance, kRobotRadius));
    }
    return {a, b};
  }

  std::string_view left_;
  std::string_view origin_;
  int line_ = 1;
};

}  // namespace

Maze ParseMaze(std::string_view text, std::string_view origin) {
  return MazeReader(text, origin).Read();
}

}  // namespace dne
