// SPDX-License-Identifier: MIT
// Runs made by hand, in a folder of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dne/episode/descriptor.h"
#include "dne/experiment/config.h"
#include "dne/store/store.h"
#include "tests/expect_error.h"
#include "tests/temp_folder.h"

namespace dne {

class InspectTest : public testing::Test {
 protected:
  std::string Folder(const std::string& name) const { return (folder_.path() / name).string(); }

  static constexpr const char* kGa = R"([algorithm]
type = "ga"
population_size = 4
num_parents = 2
sigma = 0.5
num_candidates = 2
)";

  // In the hard maze. Individual 0.0 founds a line: the parent of `g.i` is `g-1.i / 2`.
  std::string MakeRun(const std::string& name, const std::string& algorithm = kGa) {
    const ExperimentConfig config = ParseConfig(R"(
name = "made"
seed = 5
[task]
type = "maze"
environment = "hard_maze"
)" + algorithm + R"([budget]
generations = 100
)",
                                                "made");
    RunStore::Create(Folder(name), {.config = ConfigToToml(config),
                                    .dne_version = "0.1.0",
                                    .build = "a build",
                                    .math = {},
                                    .machine = "a machine",
                                    .seed = 5,
                                    .created = "2024-01-02T03:04:05Z",
                                    .attachments = {}});
    return Folder(name);
  }

  static TrialRecord Trial(uint32_t generation, uint32_t item) {
    TrialRecord trial{.generation = generation,
                      .round = "train",
                      .index = item,
                      .individual = {generation, item},
                      .parent = {},
                      .sigma = generation > 0 ? 0.5f : 0,
                      .mirrored = false,
                      .fitness = 10.0 * generation + item,
                      .steps = 7,
                      .frames = 7,
                      .episodes = {{.start = {},
                                    .score = 10.0 * generation + item,
                                    .steps = 7,
                                    .frames = 7,
                                    .end = EpisodeEnd::kTerminal,
                                    .descriptor = DescriptorFromPoint(
                                        std::vector<double>{100.0 + item, 50.0 + generation})}},
                      .draws = {1}};
    if (generation > 0) trial.parent = Birth{generation - 1, item / 2};
    return trial;
  }

  static void AddGenerations(const std::string& run, uint32_t first, uint32_t count,
                             uint32_t trials) {
    const auto store = RunStore::Open(run);
    Commit commit;
    for (uint32_t generation = first; generation < first + count; ++generation) {
      for (uint32_t item = 0; item < trials; ++item) {
        commit.trials.push_back(Trial(generation, item));
      }
      commit.generations.push_back(
          {.generation = generation,
           .metrics = {{"fitness_max", 10.0 * generation + trials - 1},
                       {"steps_total", 7.0 * trials}},
           .digest = 1,
           .elite = EncodeGenome({.run_seed = 5, .founder = {generation, 0}, .mutations = {}})});
    }
    commit.next_generation = first + count;
    commit.state = "state";
    store->Write(commit);
  }

 private:
  TempFolder folder_;
};

}  // namespace dne
