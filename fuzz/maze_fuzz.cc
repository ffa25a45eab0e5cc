// SPDX-License-Identifier: MIT
// The text of a maze. A robot that is put into one drives and senses.
#include <array>

#include "dne/envs/maze/robot.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dne::ExpectAnswer([&] {
    const dne::Maze maze = dne::ParseMaze(dne::AsText({data, size}), "text");
    const dne::WallTable walls(maze.walls);
    dne::Robot robot(maze, walls);
    std::array<float, dne::kNumSensors> senses;
    for (int i = 0; i < 20; ++i) {
      robot.Sense(senses);
      for (const float sense : senses) DNE_CHECK(sense >= 0 && sense <= 1);
      robot.Step(0.9f, 1);
    }
  });
  return 0;
}
