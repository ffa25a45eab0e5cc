// SPDX-License-Identifier: MIT
// Writes an episode to a file, for tests/oracle/maze_oracle.py to play again:
//   maze_dump MAZE SEED OUT
// `MAZE` is hard or medium. All numbers are little-endian floats. First the walls: their number,
// then x and y of both ends of each; start, heading, goal. Then the first observation; then a step:
// both actions, the observation, place and heading.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>

#include "dne/envs/maze/robot.h"

namespace {

constexpr int kSteps = 400;

void Put(std::ostream& out, float value) {
  out.write(reinterpret_cast<const char*>(&value), sizeof(value));
}
void Put(std::ostream& out, dne::MazePoint point) {
  Put(out, point.x);
  Put(out, point.y);
}

void PutSenses(std::ostream& out, const dne::Robot& robot) {
  std::array<float, dne::kNumSensors> senses;
  robot.Sense(senses);
  for (const float sense : senses) Put(out, sense);
}

// Uniform in [0, 1).
float Next(uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<float>(state >> 40) * 0x1p-24f;
}

void Dump(const dne::Maze& maze, uint64_t seed, std::ostream& out) {
  const dne::WallTable walls(maze.walls);
  dne::Robot robot(maze, walls);
  Put(out, static_cast<float>(maze.walls.size()));
  for (const dne::MazeWall& wall : maze.walls) {
    Put(out, wall.a);
    Put(out, wall.b);
  }
  Put(out, maze.start);
  Put(out, maze.heading);
  Put(out, maze.goal);
  PutSenses(out, robot);
  float turn = 0;
  float drive = 0;
  for (int i = 0; i < kSteps; ++i) {
    // Kept for a while, so that it comes around; also beyond what a robot takes.
    if (i % 16 == 0) turn = 0.2f + 0.6f * Next(seed);
    if (i % 16 == 0) drive = 1.6f * Next(seed) - 0.2f;
    robot.Step(turn, drive);
    Put(out, turn);
    Put(out, drive);
    PutSenses(out, robot);
    Put(out, robot.location());
    Put(out, robot.heading());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: maze_dump hard|medium SEED OUT\n";
    return 2;
  }
  std::ofstream out(argv[3], std::ios::binary);
  const bool hard = std::string_view(argv[1]) == "hard";
  Dump(hard ? dne::HardMaze() : dne::MediumMaze(), std::strtoull(argv[2], nullptr, 10), out);
  return out.flush() ? 0 : 1;
}
