// SPDX-License-Identifier: MIT
// A tiny policy on a real game, and a folder of its own for each test.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "dne/base/error.h"
#include "dne/evaluate/evaluator.h"
#include "dne/policy/policy.h"
#include "tests/expect_error.h"
#include "tests/temp_folder.h"

namespace dne {

// 1 convolution, 1 dense layer and the output: 1,500 parameters or so.
inline ExperimentConfig TinyConfig() {
  return ParseConfig(R"(
name = "tiny"
seed = 5
[task]
type = "atari"
game = "frostbite"
max_noops = 6
[network]
layers = [
  { type = "conv2d", units = 4, kernel = 8, stride = 8 },
  { type = "dense", units = 2 },
]
[algorithm]
type = "ga"
population_size = 4
num_parents = 2
sigma = 0.01
num_candidates = 2
[budget]
generations = 3
)",
                     "tiny");
}

inline Genome TinyGenome() {
  return {.run_seed = 5,
          .founder = {.generation = 0, .item = 3},
          .mutations = {{.birth = {.generation = 1, .item = 2}, .sigma = 0.01f},
                        {.birth = {.generation = 4, .item = 0}, .sigma = 0.0025f}}};
}

// As a worker plays it.
inline Episode EpisodeOf(const Policy& policy, const PolicyView& view, const EpisodeStart& start,
                         uint32_t max_steps, Isa isa) {
  Watch watch;
  return policy.setup.task->MakeWorker(isa)
      ->Run(view, {&start, 1}, {.max_steps = max_steps}, watch.steps_run, watch.cancel)
      .episodes.front();
}

class PolicyTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  TempFolder folder_;
};

}  // namespace dne
