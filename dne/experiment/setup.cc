// SPDX-License-Identifier: MIT
#include "dne/experiment/setup.h"

#include "dne/tasks/atari_task.h"

namespace dne {

Setup MakeSetup(const TaskConfig& task, const NetworkSpec& network) {
  Setup setup;
  setup.game = AtariGame::Load(task.game, task.atari);
  setup.network = MakeAtariNetwork(*setup.game, network);
  setup.task = MakeAtariTask(setup.game, setup.network);
  return setup;
}

std::unique_ptr<Algorithm> MakeAlgorithm(const ExperimentConfig& config) {
  return MakeGa(config.algorithm, config.seed);
}

}  // namespace dne
