// SPDX-License-Identifier: MIT
#include "dne/bench/bench_gymnasium.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "dne/bench/playing_rate.h"
#include "dne/tasks/random_player.h"

namespace dne {
namespace {

constexpr const char* kPeerScript = "gymnasium_steps.py";

// Episodes of random actions in all environments that a worker has, stepped together as it does.
class RandomEpisodes {
 public:
  RandomEpisodes(const World& world, uint32_t thread)
      : world_(world), stream_(BenchStream(thread)) {
    for (auto& environment : world.MakeEnvironments(world.spec().lanes)) {
      lanes_.push_back({std::move(environment), RandomPlayer(world.spec().action, stream_)});
    }
  }
  RandomEpisodes(const RandomEpisodes&) = delete;
  RandomEpisodes& operator=(const RandomEpisodes&) = delete;

  // A step of each, or the reset that follows its episode's end: resets are in the time, not in the
  // count.
  uint64_t TakeTurn() {
    for (Lane& lane : lanes_) {
      if (lane.is_over) {
        lane.environment->StartReset(lane.start = world_.DrawStart(stream_));
      } else {
        lane.environment->StartStep(lane.action = lane.player.Next());
      }
    }
    uint64_t steps = 0;
    for (Lane& lane : lanes_) {
      if (std::exchange(lane.is_over, false)) {
        lane.environment->Reset(lane.start);
      } else {
        lane.is_over = lane.environment->Step(lane.action).terminal;
        ++steps;
      }
    }
    return steps;
  }

 private:
  struct Lane {
    std::unique_ptr<Environment> environment;
    RandomPlayer player;
    EpisodeStart start;
    Action action;
    bool is_over = true;
  };

  const World& world_;
  Stream stream_;
  std::vector<Lane> lanes_;
};

Spread MeasureOurs(const World& world, int threads, const Timing& timing) {
  return MeasureRate(ForEachThread(threads,
                                   [&](uint32_t thread) -> Work {
                                     auto episodes =
                                         std::make_shared<RandomEpisodes>(world, thread);
                                     return [episodes] { return episodes->TakeTurn(); };
                                   }),
                     timing);
}

class Comparison {
 public:
  Comparison(const GymnasiumBenchOptions& options, const RowSink& on_row)
      : options_(options), on_row_(on_row) {}

  void Measure(const std::string& environment, const World& world, int threads) const {
    const PeerOutput before = RunPeers(environment, threads);
    const Spread ours = MeasureOurs(world, threads, options_.timing);
    const PeerOutput after = RunPeers(environment, threads);
    on_row_({environment, "", "process environment", threads, ours, "steps/s"});
    const auto compare = [&](const char* figure, const std::string& name) {
      const Spread peer = SpreadOf({before.Figure(figure), after.Figure(figure)});
      on_row_({environment,
               "",
               fmt::format("{} ({})", name, before.VersionText()),
               threads,
               {.median = peer.high, .low = peer.low, .high = peer.high},
               "steps/s"});
      on_row_({environment, "", fmt::format("ours / {}", name), threads,
               Percent(ours.median / peer.high), "%"});
    };
    compare("loop", "a loop in Python");
    compare("vector", "AsyncVectorEnv");
  }

 private:
  PeerOutput RunPeers(const std::string& environment, int threads) const {
    options_.timing.ThrowIfCancelled();
    return RunPeer(options_.peers, {kPeerScript,
                                    {environment, std::to_string(threads),
                                     fmt::format("{}", options_.timing.seconds)}});
  }

  const GymnasiumBenchOptions& options_;
  const RowSink& on_row_;
};

}  // namespace

void BenchGymnasium(const GymnasiumBenchOptions& options, const RowSink& on_row) {
  CheckMeasurable(options.threads, options.timing);
  const Comparison comparison(options, on_row);
  for (const std::string& environment : options.environments) {
    const auto world = options.start(environment);
    for (const int threads : options.threads) comparison.Measure(environment, *world, threads);
  }
}

}  // namespace dne
