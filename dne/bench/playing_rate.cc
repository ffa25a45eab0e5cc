// SPDX-License-Identifier: MIT
#include "dne/bench/playing_rate.h"

#include <atomic>
#include <memory>

namespace dne {
namespace {

// What one thread plays.
struct Player {
  std::unique_ptr<TaskWorker> worker;
  Stream starts;
  size_t founder = 0;
  uint64_t episodes = 0;
  uint64_t steps = 0;
};

}  // namespace

std::vector<FloatBuffer> MakeFounders(size_t policy_size, const Initialiser& initialise) {
  std::vector<FloatBuffer> founders;
  for (uint32_t i = 0; i < kFounders; ++i) {
    founders.emplace_back(policy_size);
    initialise(BenchFounder(i), founders.back().values());
  }
  return founders;
}

size_t FirstFounder(uint32_t thread, int threads) {
  return thread * kFounders / static_cast<uint32_t>(threads);
}

PlayingRate MeasurePlaying(const Task& task, const Initialiser& initialise, Isa isa, int threads,
                           uint32_t max_episode_steps, const Timing& timing) {
  const std::vector<FloatBuffer> founders = MakeFounders(task.layout().policy_size(), initialise);
  std::vector<Player> players;
  for (int i = 0; i < threads; ++i) {
    const auto thread = static_cast<uint32_t>(i);
    players.push_back({.worker = task.MakeWorker(isa),
                       .starts = BenchStream(thread),
                       .founder = FirstFounder(thread, threads)});
  }
  std::atomic<uint64_t> steps_run{0};
  const auto play = [&](uint32_t thread) -> Work {
    return [&, thread] {
      Player& player = players[thread];
      const EpisodeStart start = task.DrawStart(player.starts);
      const FloatBuffer& founder = founders[player.founder++ % kFounders];
      const Result played =
          player.worker->Run({founder.values()}, {&start, 1}, {.max_steps = max_episode_steps},
                             steps_run, *timing.cancel);
      ++player.episodes;
      player.steps += played.TotalSteps();
      return played.TotalSteps();
    };
  };
  PlayingRate rate{.steps = MeasureRate(ForEachThread(threads, play), timing)};
  double steps = 0;
  double episodes = 0;
  for (const Player& player : players) {
    steps += static_cast<double>(player.steps);
    episodes += static_cast<double>(player.episodes);
  }
  rate.steps_of_episode = steps / episodes;
  rate.seconds_of_episode = rate.steps_of_episode * threads / rate.steps.median;
  return rate;
}

}  // namespace dne
