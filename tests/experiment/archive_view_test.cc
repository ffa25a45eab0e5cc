// SPDX-License-Identifier: MIT
// A run's archive, read from its store: the same as the algorithm's.
#include "dne/experiment/archive_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dne/episode/descriptor.h"
#include "dne/experiment/builtins.h"
#include "dne/experiment/session.h"
#include "tests/experiment/config_fixture.h"
#include "tests/temp_folder.h"

namespace dne {
namespace {

constexpr const char* kMaze = R"([task]
type = "maze"
[[network.layers]]
type = "dense"
units = 4
[algorithm]
type = "map_elites"
population_size = 12
sigma = 0.5
max_episode_steps = 400
[archive]
qd_offset = -300
[[archive.axes]]
name = "x"
coordinate = 0
lower = 0
upper = 200
cells = 40
[[archive.axes]]
name = "y"
coordinate = 1
lower = 0
upper = 200
cells = 50
[budget]
generations = 8
)";

TEST(ArchiveView, IsTheArchiveThatTheAlgorithmKept) {
  const TempFolder folder;
  const ExperimentConfig config = Parse(kMaze);
  const auto session =
      Session::Begin(config, folder.path() / "run", {.threads = 1, .isa = BestIsa()});
  RunObserver observer;
  session->Go(observer);
  const ArchiveView view = ArchiveOfRun(session->store(), config);
  const Metrics metrics = session->store().LastGeneration()->metrics;
  EXPECT_EQ(static_cast<double>(view.archive().elites().size()), metrics.at("archive_size"));
  EXPECT_GT(view.archive().elites().size(), 8u);
  EXPECT_EQ(view.archive().coverage(), metrics.at("coverage"));
  EXPECT_EQ(view.archive().QdScore(view.options().qd_offset), metrics.at("qd_score"));
  const Genome elite = DecodeGenome(session->store().LastGeneration()->elite);
  EXPECT_TRUE(std::ranges::any_of(view.archive().elites(), [&](const ArchivedElite& each) {
    return each.individual == elite.birth() && each.fitness == metrics.at("archive_best");
  }));
}

TrialRecord TrialAt(uint32_t item, double fitness, double x, double y) {
  return {.round = "train",
          .index = item,
          .individual = {0, item},
          .fitness = fitness,
          .episodes = {{.descriptor = DescriptorFromPoint(std::vector{x, y})}},
          .draws = {1}};
}

TEST(ArchiveView, IsWrittenAsCsvInTheOrderOfCells) {
  ArchiveView view(Parse(kMaze));
  std::vector<TrialRecord> trials = {TrialAt(0, -7.5, 199, 3), TrialAt(1, -9, 12.5, 41),
                                     TrialAt(2, -8, 12.5, 42), TrialAt(3, 5, 100, 100)};
  trials[3].episodes[0].end = EpisodeEnd::kInvalid;
  view.Add(trials);
  EXPECT_EQ(ArchiveCsv(view),
            "x_cell,y_cell,fitness,x,y,individual\n"
            "2,10,-8,12.5,42,0.2\n"
            "39,0,-7.5,199,3,0.0\n");
}

TEST(ArchiveView, AnEpisodeCountsAsOftenAsItWasDrawn) {
  ArchiveView view(Parse(kMaze));
  TrialRecord trial = TrialAt(0, 1, 40, 0);
  trial.episodes.push_back(trial.episodes[0]);
  trial.episodes[1].descriptor = DescriptorFromPoint(std::vector<double>{80, 4});
  trial.draws = {1, 3};
  view.Add({&trial, 1});
  ASSERT_EQ(view.archive().elites().size(), 1u);
  EXPECT_EQ(view.archive().elites()[0].on_axes, (std::vector<double>{70, 3}));
}

TEST(ArchiveView, BytesAreNumbersEach) {
  const std::string maze = kMaze;
  ArchiveView view(Parse("[task]\ntype = \"parity\"\n" + maze.substr(maze.find("[algorithm]"))));
  TrialRecord trial = TrialAt(0, 1, 0, 0);
  trial.episodes[0].descriptor = {7, 199, 1};
  view.Add({&trial, 1});
  EXPECT_EQ(view.archive().elites()[0].on_axes, (std::vector<double>{7, 199}));
}

// What is told of a kind before its task is made, and what the task says of a behaviour.
TEST(ArchiveView, FactsOfTasksSayHowTheirBehavioursAreRead) {
  for (const char* task : {"parity", "simple_model", "maze", "classic"}) {
    const ExperimentConfig config = Parse("[task]\ntype = \"" + std::string(task) +
                                          "\"\n[algorithm]\ntest_max_episode_steps = 400\n"
                                          "max_episode_steps = 400\n" +
                                          std::string(kBudget));
    const auto setup = MakeSetup(config);
    const std::vector<uint8_t> descriptor = DescriptorFromPoint(std::vector<double>{1.5, -2});
    const bool is_bytes = config.task.kind->facts(config.task.options).has_byte_behaviours;
    EXPECT_EQ(setup.task->Point(descriptor).size(), is_bytes ? 16u : 2u) << task;
  }
}

}  // namespace
}  // namespace dne
