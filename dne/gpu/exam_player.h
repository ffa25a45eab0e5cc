// SPDX-License-Identifier: MIT
// Players of tasks whose episodes are exams: the device holds the images. Private to the evaluator.
#pragma once

#include <memory>

#include "dne/gpu/player.h"
#include "dne/tasks/exams.h"

namespace dne::gpu {

// Both sets of a task, on the device.
struct ImageSets {
  // Throws Error where the device's memory does not suffice.
  ImageSets(Queue& queue, const ImageData& data)
      : train(queue, data.train.pixels), test(queue, data.test.pixels) {}

  Images train;
  Images test;
};

// The table's task has exams; the sets must outlive it.
std::unique_ptr<Player> MakeExamPlayer(const Table& table, ImageSets& sets);

}  // namespace dne::gpu
