// SPDX-License-Identifier: MIT
#include "dne/experiment/bench/atari_rates.h"

#include <algorithm>
#include <memory>
#include <string>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/envs/atari/emulator.h"
#include "dne/nn/forward.h"

namespace dne {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint32_t kNoops = 1;     // of episodes under random actions
constexpr uint32_t kFounders = 8;  // enough that their episodes differ in length
constexpr int kLane = 0;

Stream RandomStream(uint32_t item) {
  return Stream({.seed = kSeed, .item = item, .purpose = Purpose::kBenchmark});
}

StreamId Founder(uint32_t item) {
  return {.seed = kSeed, .item = item, .purpose = Purpose::kFounder};
}

// A copy of `work` made by make(i) for each thread.
template <class Make>
std::vector<Work> ForEachThread(int threads, const Make& make) {
  std::vector<Work> works;
  for (int i = 0; i < threads; ++i) works.push_back(make(static_cast<uint32_t>(i)));
  return works;
}

Work EmulatorWork(const AtariGame& game, uint32_t thread) {
  const auto emulator =
      std::make_shared<Emulator>(std::string(DNE_ALE_ROM_DIR) + "/" + game.name() + ".bin");
  const std::vector<int> actions = emulator->Actions(game.options().full_action_set);
  return [emulator, actions, start = emulator->Save(), frame_skip = game.options().frame_skip,
          random = RandomStream(thread)]() mutable {
    const int action = actions[random.Below(static_cast<uint32_t>(actions.size()))];
    for (int i = 0; i < frame_skip && !emulator->game_over(); ++i) emulator->Frame(action);
    if (emulator->game_over()) emulator->Restore(*start);
    return uint64_t{1};
  };
}

Work EnvironmentWork(const AtariGame& game, uint32_t thread) {
  const std::shared_ptr<Environment> environment = game.MakeEnvironment();
  environment->Reset(kNoops, kSeed);
  return [environment, random = RandomStream(thread)]() mutable {
    const auto num_actions = static_cast<uint32_t>(environment->spec().num_actions);
    const StepResult step = environment->Step(static_cast<int>(random.Below(num_actions)));
    if (step.terminal) environment->Reset(kNoops, kSeed);
    return uint64_t{1};
  };
}

// A policy with its network, and where it is among the observations.
struct Evaluated {
  Evaluated(const Network& network, Isa isa, uint32_t founder)
      : forward(MakeForward(network, isa, /*num_lanes=*/1)),
        parameters(network.num_parameters()),
        outputs(static_cast<size_t>(network.num_outputs())) {
    network.Initialise(Founder(founder), parameters.values(), isa);
    forward->SetParameters(parameters.values());
  }

  std::unique_ptr<Forward> forward;
  FloatBuffer parameters;
  std::vector<float> outputs;
  size_t next = 0;
};

Work NetworkWork(const Network& network, Isa isa, const Observations& observations,
                 uint32_t thread) {
  const auto policy = std::make_shared<Evaluated>(network, isa, thread);
  const auto size = static_cast<size_t>(network.input().size());
  return [policy, size, &observations] {
    if (policy->next == observations.size()) {
      policy->next = 0;
      policy->forward->ForgetLane(kLane);
    }
    policy->forward->Run({&kLane, 1}, std::span(observations).subspan(policy->next, size),
                         policy->outputs);
    policy->next += size;
    return uint64_t{1};
  };
}

// What one thread plays.
struct Player {
  std::unique_ptr<TaskWorker> worker;
  Stream starts;
  size_t founder = 0;
  uint64_t episodes = 0;
  uint64_t steps = 0;
};

}  // namespace

Spread EmulatorRate(const AtariGame& game, int threads, const Timing& timing) {
  return MeasureRate(
      ForEachThread(threads, [&](uint32_t thread) { return EmulatorWork(game, thread); }), timing);
}

Spread EnvironmentRate(const AtariGame& game, int threads, const Timing& timing) {
  return MeasureRate(
      ForEachThread(threads, [&](uint32_t thread) { return EnvironmentWork(game, thread); }),
      timing);
}

Observations RecordEpisode(const AtariGame& game, size_t limit) {
  const std::unique_ptr<Environment> environment = game.MakeEnvironment();
  Stream random = RandomStream(0);
  Observations observations;
  environment->Reset(kNoops, kSeed);
  bool terminal = false;
  for (size_t i = 0; i < limit && !terminal; ++i) {
    const std::span<const uint8_t> observation = environment->observation();
    observations.insert(observations.end(), observation.begin(), observation.end());
    const uint32_t action = random.Below(static_cast<uint32_t>(game.spec().num_actions));
    terminal = environment->Step(static_cast<int>(action)).terminal;
  }
  return observations;
}

Observations RandomObservations(const AtariGame& game, size_t count) {
  const EnvironmentSpec& spec = game.spec();
  const Shape shape{.height = spec.height, .width = spec.width, .channels = spec.channels};
  Observations observations(count * static_cast<size_t>(shape.size()));
  Stream random = RandomStream(0);
  for (uint8_t& byte : observations) byte = static_cast<uint8_t>(random.Next32());
  return observations;
}

void CheckForward(const Network& network, Isa isa, std::span<const uint8_t> observations) {
  Evaluated fast(network, isa, 0);
  Evaluated reference(network, Isa::kScalar, 0);
  DNE_CHECK(std::ranges::equal(fast.parameters.values(), reference.parameters.values()));
  const auto size = static_cast<size_t>(network.input().size());
  for (size_t first = 0; first < observations.size(); first += size) {
    const auto observation = observations.subspan(first, size);
    fast.forward->Run({&kLane, 1}, observation, fast.outputs);
    reference.forward->Run({&kLane, 1}, observation, reference.outputs);
    if (fast.outputs != reference.outputs) {
      throw BugError("dne bug: the " + std::string(IsaName(isa)) +
                     " network differs from the reference on observation " +
                     std::to_string(first / size));
    }
  }
}

Spread NetworkRate(const Network& network, Isa isa, const Observations& observations, int threads,
                   const Timing& timing) {
  const auto make = [&](uint32_t thread) {
    return NetworkWork(network, isa, observations, thread);
  };
  return MeasureRate(ForEachThread(threads, make), timing);
}

PlayingRate MeasurePlaying(const Task& task, Isa isa, int threads, uint32_t max_episode_steps,
                           const Timing& timing) {
  std::vector<FloatBuffer> founders;
  for (uint32_t i = 0; i < kFounders; ++i) {
    founders.emplace_back(task.num_parameters());
    task.initialiser(isa)(Founder(i), founders.back().values());
  }
  std::vector<Player> players;
  for (int i = 0; i < threads; ++i) {
    const auto thread = static_cast<uint32_t>(i);
    players.push_back({.worker = task.MakeWorker(isa),
                       .starts = RandomStream(thread),
                       .founder = thread * kFounders / static_cast<uint32_t>(threads)});
  }
  std::atomic<uint64_t> steps_run{0};
  const std::atomic<bool> cancel{false};
  const auto play = [&](uint32_t thread) -> Work {
    return [&, thread] {
      Player& player = players[thread];
      const EpisodeStart start = task.DrawStart(player.starts);
      const FloatBuffer& founder = founders[player.founder++ % kFounders];
      const auto episodes =
          player.worker->Run(founder.values(), {&start, 1}, max_episode_steps, steps_run, cancel);
      ++player.episodes;
      player.steps += episodes[0].steps;
      return uint64_t{episodes[0].steps};
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
