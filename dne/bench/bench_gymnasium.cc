// SPDX-License-Identifier: MIT
#include "dne/bench/bench_gymnasium.h"

#include <fmt/format.h>

#include <memory>

#include "dne/bench/playing_rate.h"
#include "dne/tasks/random_player.h"

namespace dne {
namespace {

constexpr const char* kPeerScript = "gymnasium_steps.py";

// An episode after the other, of random actions.
class RandomEpisodes {
 public:
  RandomEpisodes(const World& world, uint32_t thread)
      : world_(world), environment_(world.MakeEnvironment()), stream_(BenchStream(thread)) {}

  // Steps of the next one. Resets are in the time, not in the count.
  uint64_t PlayNext() {
    environment_->Reset(world_.DrawStart(stream_));
    RandomPlayer player(world_.spec().action, stream_);
    uint64_t steps = 1;
    while (!environment_->Step(player.Next()).terminal) ++steps;
    return steps;
  }

 private:
  const World& world_;
  std::unique_ptr<Environment> environment_;
  Stream stream_;
};

Spread MeasureOurs(const World& world, int threads, const Timing& timing) {
  return MeasureRate(ForEachThread(threads,
                                   [&](uint32_t thread) -> Work {
                                     auto episodes =
                                         std::make_shared<RandomEpisodes>(world, thread);
                                     return [episodes] { return episodes->PlayNext(); };
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
