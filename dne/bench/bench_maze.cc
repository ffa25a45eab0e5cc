// SPDX-License-Identifier: MIT
#include "dne/bench/bench_maze.h"

#include <memory>
#include <string>
#include <utility>

#include "dne/bench/playing_rate.h"
#include "dne/envs/maze/kind.h"
#include "dne/tasks/episode_task.h"

namespace dne {
namespace {

struct MeasuredMaze {
  const char* environment;
  const char* network_name;  // empty: none is measured with it
  NetworkSpec network;
};

std::vector<MeasuredMaze> MeasuredMazes() {
  const NetworkSpec small{.hidden = {{.units = 16, .activation = Activation::kTanh}}};
  return {{"hard_maze", "11-16-2", small},
          {"medium_maze", "11-16-2", small},
          {"image_hard_maze", "uber_large", NetworkPreset("uber_large")},
          {"topdown_maze", "", {}},
          {"first_person_maze", "", {}}};
}

std::shared_ptr<const World> LoadMaze(const char* environment) {
  return kMazeKind.load(
      Options(MazeWorldOptions{.environment = environment, .maze = {}, .robot = {}}),
      /*may_start_programs=*/false);
}

// An episode after the other. Actions are drawn before, as many as there are in an episode.
Work RandomPlay(const World& world, uint32_t thread) {
  const ActionSpec& actions = world.spec().action;
  const auto steps = static_cast<size_t>(world.spec().max_episode_steps);
  const auto width = static_cast<size_t>(actions.size);
  Stream stream = BenchStream(thread);
  std::vector<float> values(steps * width);
  for (float& value : values) value = 2 * stream.NextFloat() - 1;
  std::vector<int> choices(steps);
  for (int& choice : choices) choice = static_cast<int>(stream.Below(static_cast<uint32_t>(width)));
  const std::shared_ptr<Environment> environment = world.MakeEnvironment();
  return [=, values = std::move(values), choices = std::move(choices)] {
    environment->Reset({});
    uint64_t step = 0;
    bool over = false;
    while (!over) {
      over = environment
                 ->Step({.choice = choices[step],
                         .values = std::span(values).subspan(step * width, width)})
                 .terminal;
      ++step;
    }
    return step;
  };
}

void MeasureWorld(const std::shared_ptr<const World>& world, const MeasuredMaze& maze, int threads,
                  const MazeBenchOptions& options, const RowSink& on_row) {
  const Spread alone = MeasureRate(
      ForEachThread(threads, [&](uint32_t thread) { return RandomPlay(*world, thread); }),
      options.timing);
  on_row({maze.environment, "", "maze alone", threads, alone, "steps/s"});
  const std::string name = maze.network_name;
  if (name.empty()) return;
  const auto task =
      MakeEpisodeTask({.world = world, .network = MakeNetwork(world->spec(), maze.network)});
  const PlayingRate playing = MeasurePlaying(*task, task->initialiser(options.isa), options.isa,
                                             threads, task->step_limit(), options.timing);
  on_row({maze.environment, name, "whole episodes", threads, playing.steps, "steps/s"});
  on_row({maze.environment, name, "share of the network", threads,
          Percent(1 - playing.steps.median / alone.median), "%"});
}

}  // namespace

void BenchMaze(const MazeBenchOptions& options, const RowSink& on_row) {
  CheckMeasurable(options.threads, options.timing);
  for (const MeasuredMaze& maze : MeasuredMazes()) {
    const auto world = LoadMaze(maze.environment);
    for (const int threads : options.threads) MeasureWorld(world, maze, threads, options, on_row);
  }
}

}  // namespace dne
