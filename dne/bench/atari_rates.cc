// SPDX-License-Identifier: MIT
#include "dne/bench/atari_rates.h"

#include <algorithm>
#include <memory>
#include <string>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/bench/playing_rate.h"
#include "dne/envs/atari/emulator.h"
#include "dne/nn/forward.h"

namespace dne {
namespace {

constexpr EpisodeStart kStart{.noops = 1, .seed = kBenchSeed};  // of episodes under random actions
constexpr int kLane = 0;

Work EmulatorWork(const AtariGame& game, uint32_t thread) {
  const auto emulator =
      std::make_shared<Emulator>(std::string(DNE_ALE_ROM_DIR) + "/" + game.name() + ".bin");
  const std::vector<int> actions = emulator->Actions(game.options().full_action_set);
  return [emulator, actions, start = emulator->Save(), frame_skip = game.options().frame_skip,
          random = BenchStream(thread)]() mutable {
    const int action = actions[random.Below(static_cast<uint32_t>(actions.size()))];
    for (int i = 0; i < frame_skip && !emulator->game_over(); ++i) emulator->Frame(action);
    if (emulator->game_over()) emulator->Restore(*start);
    return uint64_t{1};
  };
}

Work EnvironmentWork(const AtariGame& game, uint32_t thread) {
  const std::shared_ptr<Environment> environment = game.MakeEnvironment();
  environment->Reset(kStart);
  const auto num_actions = static_cast<uint32_t>(game.spec().action.size);
  return [environment, num_actions, random = BenchStream(thread)]() mutable {
    const StepResult step =
        environment->Step({.choice = static_cast<int>(random.Below(num_actions))});
    if (step.terminal) environment->Reset(kStart);
    return uint64_t{1};
  };
}

// A network, and where it is among founders and observations.
struct Evaluated {
  std::unique_ptr<Forward> forward;
  std::vector<float> outputs;
  size_t founder = 0;
  size_t next = 0;
};

// Every founder sees all observations in order.
Work NetworkWork(const Network& network, Isa isa, const std::vector<FloatBuffer>& founders,
                 size_t founder, const Observations& observations) {
  const auto size = static_cast<size_t>(network.input().size());
  const auto state = std::make_shared<Evaluated>();
  state->forward = MakeForward(network, isa, /*num_lanes=*/1);
  state->forward->SetParameters(founders[founder].values());
  state->outputs.resize(static_cast<size_t>(network.num_outputs()));
  state->founder = founder;
  return [state, size, &founders, &observations] {
    if (state->next == observations.size()) {
      state->next = 0;
      state->founder = (state->founder + 1) % founders.size();
      state->forward->SetParameters(founders[state->founder].values());
    }
    state->forward->Run({&kLane, 1}, std::span(observations).subspan(state->next, size),
                        state->outputs);
    state->next += size;
    return uint64_t{1};
  };
}

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
  Stream random = BenchStream(0);
  Observations observations;
  environment->Reset(kStart);
  bool terminal = false;
  for (size_t i = 0; i < limit && !terminal; ++i) {
    const std::span<const uint8_t> observation = environment->observation().bytes;
    observations.insert(observations.end(), observation.begin(), observation.end());
    const uint32_t action = random.Below(static_cast<uint32_t>(game.spec().action.size));
    terminal = environment->Step({.choice = static_cast<int>(action)}).terminal;
  }
  return observations;
}

Observations RandomObservations(const AtariGame& game, size_t count) {
  Observations observations(count * game.spec().observation.size());
  Stream random = BenchStream(0);
  for (uint8_t& byte : observations) byte = static_cast<uint8_t>(random.Next32());
  return observations;
}

void CheckForward(const Network& network, Isa isa, std::span<const uint8_t> observations) {
  FloatBuffer parameters(network.num_parameters());
  network.Initialise(BenchFounder(0), parameters.values(), isa);
  const auto size = static_cast<size_t>(network.input().size());
  const auto outputs_of = [&](Forward& forward, size_t first) {
    std::vector<float> outputs(static_cast<size_t>(network.num_outputs()));
    forward.Run({&kLane, 1}, observations.subspan(first, size), outputs);
    return outputs;
  };
  const std::unique_ptr<Forward> fast = MakeForward(network, isa, /*num_lanes=*/1);
  const std::unique_ptr<Forward> reference = MakeForward(network, Isa::kScalar, /*num_lanes=*/1);
  fast->SetParameters(parameters.values());
  reference->SetParameters(parameters.values());
  for (size_t first = 0; first < observations.size(); first += size) {
    if (outputs_of(*fast, first) != outputs_of(*reference, first)) {
      throw BugError("dne bug: the " + std::string(IsaName(isa)) +
                     " network differs from the reference on observation " +
                     std::to_string(first / size));
    }
  }
}

Spread NetworkRate(const Network& network, Isa isa, const Observations& observations, int threads,
                   const Timing& timing) {
  const std::vector<FloatBuffer> founders =
      MakeFounders(network.num_parameters(), [&](const StreamId& id, std::span<float> parameters) {
        network.Initialise(id, parameters, isa);
      });
  const auto make = [&](uint32_t thread) {
    return NetworkWork(network, isa, founders, FirstFounder(thread, threads), observations);
  };
  return MeasureRate(ForEachThread(threads, make), timing);
}

Spread PolicyRate(const Network& network, std::span<const uint8_t> reference_batch,
                  const Initialiser& initialise, Isa isa, int threads, const Timing& timing) {
  const std::vector<FloatBuffer> policies = MakeFounders(network.num_parameters(), initialise);
  const auto make = [&](uint32_t thread) -> Work {
    const std::shared_ptr<Forward> forward = MakeForward(network, isa, /*num_lanes=*/1);
    forward->SetReferenceBatch(reference_batch);
    return [&policies, forward, next = FirstFounder(thread, threads)]() mutable {
      forward->SetParameters(policies[next++ % policies.size()].values());
      return uint64_t{1};
    };
  };
  return MeasureRate(ForEachThread(threads, make), timing);
}

}  // namespace dne
