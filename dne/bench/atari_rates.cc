// SPDX-License-Identifier: MIT
#include "dne/bench/atari_rates.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "dne/base/error.h"
#include "dne/base/float_buffer.h"
#include "dne/bench/playing_rate.h"
#include "dne/envs/atari/emulator.h"
#include "dne/genome/perturbation.h"
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

// The episodes in turn, as they were played.
Work PlayedWork(const AtariGame& game, const std::vector<PlayedEpisode>& episodes, size_t episode) {
  const std::shared_ptr<Environment> environment = game.MakeEnvironment();
  return [environment, &episodes, episode, step = size_t{0}]() mutable {
    if (step == 0) environment->Reset(episodes[episode].start);
    environment->Step({.choice = episodes[episode].actions[step++]});
    if (step == episodes[episode].actions.size()) {
      step = 0;
      episode = (episode + 1) % episodes.size();
    }
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

// Founders in turn, each on its observations in order.
Work NetworkWork(const Network& network, Isa isa, const std::vector<FloatBuffer>& founders,
                 size_t founder, const std::vector<const Observations*>& seen) {
  const auto size = static_cast<size_t>(network.input().size());
  const auto state = std::make_shared<Evaluated>();
  state->forward = MakeForward(network, isa, /*num_lanes=*/1);
  state->forward->SetParameters(founders[founder].values());
  state->outputs.resize(static_cast<size_t>(network.num_outputs()));
  state->founder = founder;
  return [state, size, &founders, &seen] {
    if (state->next == seen[state->founder]->size()) {
      state->next = 0;
      state->founder = (state->founder + 1) % founders.size();
      state->forward->SetParameters(founders[state->founder].values());
    }
    state->forward->Run({&kLane, 1}, std::span(*seen[state->founder]).subspan(state->next, size),
                        state->outputs);
    state->next += size;
    return uint64_t{1};
  };
}

Spread FoundersRate(const Network& network, Isa isa, const std::vector<const Observations*>& seen,
                    int threads, const Timing& timing) {
  const std::vector<FloatBuffer> founders =
      MakeFounders(network.num_parameters(), [&](const StreamId& id, std::span<float> parameters) {
        network.Initialise(id, parameters, isa);
      });
  const auto make = [&](uint32_t thread) {
    return NetworkWork(network, isa, founders, FirstFounder(thread, threads), seen);
  };
  return MeasureRate(ForEachThread(threads, make), timing);
}

// Members of a founder's cloud, each at another place of the observations.
class Cloud {
 public:
  Cloud(const Network& network, Isa isa, const Observations& observations, int members, int rank)
      : size_(network.input().size()),
        num_outputs_(static_cast<size_t>(network.num_outputs())),
        observations_(observations),
        founder_(network.num_parameters()),
        seen_(size_ * static_cast<size_t>(members)),
        outputs_(num_outputs_ * static_cast<size_t>(members)),
        changes_(rank == 0 ? 0 : static_cast<size_t>(members)) {
    network.Initialise(BenchFounder(0), founder_.values(), isa);
    const PolicyLayout layout = LayoutOf(network, 0);
    const ParentView parent{.parameters = founder_.values(), .layout = layout};
    const auto perturbation =
        MakePerturbation(rank == 0 ? PerturbationSpec{}
                                   : PerturbationSpec{.kind = PerturbationKind::kLowRank,
                                                      .rank = static_cast<uint32_t>(rank)});
    for (int i = 0; i < members; ++i) {
      places_.push_back(static_cast<size_t>(i) * (observations.size() / size_) /
                        static_cast<size_t>(members));
      lanes_.push_back(i);
      const Noise noise{.stream = {.seed = kBenchSeed, .item = static_cast<uint32_t>(i)},
                        .sigma = 0.02f};
      if (i == 0 || rank == 0) {
        forwards_.push_back(MakeForward(network, isa, rank == 0 ? 1 : members));
      }
      if (rank == 0) {
        weights_.emplace_back(network.num_parameters());
        perturbation->Perturb(noise, parent, weights_.back().values(), isa);
        forwards_.back()->SetParameters(weights_.back().values());
      } else {
        if (i == 0) forwards_.back()->SetParameters(founder_.values());
        perturbation->DrawChange(noise, parent, changes_[static_cast<size_t>(i)], isa);
        forwards_.back()->SetChange(i, &changes_[static_cast<size_t>(i)]);
      }
    }
  }

  uint64_t Step() {
    for (size_t i = 0; i < places_.size(); ++i) {
      places_[i] = (places_[i] + 1) % (observations_.size() / size_);
      std::ranges::copy(std::span(observations_).subspan(places_[i] * size_, size_),
                        seen_.begin() + static_cast<ptrdiff_t>(i * size_));
    }
    const auto run = [&](Forward& forward, std::span<const int> lanes, size_t first) {
      forward.Run(lanes,
                  std::span<const uint8_t>(seen_).subspan(first * size_, lanes.size() * size_),
                  std::span(outputs_).subspan(first * num_outputs_, lanes.size() * num_outputs_));
    };
    if (forwards_.size() == 1) {
      run(*forwards_.front(), lanes_, 0);
    } else {
      for (size_t i = 0; i < forwards_.size(); ++i) run(*forwards_[i], {&kLane, 1}, i);
    }
    return places_.size();
  }

 private:
  size_t size_;
  size_t num_outputs_;
  const Observations& observations_;
  FloatBuffer founder_;
  std::vector<uint8_t> seen_;
  std::vector<float> outputs_;
  std::vector<LowRankChange> changes_;
  std::vector<FloatBuffer> weights_;
  std::vector<std::unique_ptr<Forward>> forwards_;
  std::vector<size_t> places_;
  std::vector<int> lanes_;
};

}  // namespace

Spread MembersRate(const Network& network, Isa isa, const Observations& observations, int members,
                   int rank, const Timing& timing) {
  const auto cloud = std::make_shared<Cloud>(network, isa, observations, members, rank);
  const Work work = [cloud] { return cloud->Step(); };
  return MeasureRate({&work, 1}, timing);
}

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

std::vector<PlayedEpisode> RecordPlay(const EpisodeSetup& setup, Isa isa, uint32_t limit,
                                      const Timing& timing) {
  std::vector<PlayedEpisode> episodes;
  Stream starts = BenchStream(0);
  for (const FloatBuffer& founder :
       MakeFounders(LayoutOf(setup).policy_size(), MakeEpisodeTask(setup)->initialiser(isa))) {
    PlayedEpisode& played =
        episodes.emplace_back(PlayedEpisode{.start = setup.world->DrawStart(starts)});
    std::atomic<uint64_t> steps{0};
    MakeEpisodeWorker(
        setup, isa,
        {.on_step = [&](const Action& action,
                        const StepResult&) { played.actions.push_back(action.choice); }})
        ->Run({founder.values()}, {&played.start, 1}, {.max_steps = limit}, steps, *timing.cancel);
    timing.ThrowIfCancelled();
    const std::unique_ptr<Environment> environment = setup.world->MakeEnvironment();
    environment->Reset(played.start);
    for (const int action : played.actions) {
      const std::span<const uint8_t> observation = environment->observation().bytes;
      played.observations.insert(played.observations.end(), observation.begin(), observation.end());
      environment->Step({.choice = action});
    }
  }
  return episodes;
}

Spread EnvironmentRate(const AtariGame& game, const std::vector<PlayedEpisode>& episodes,
                       int threads, const Timing& timing) {
  return MeasureRate(ForEachThread(threads,
                                   [&](uint32_t thread) {
                                     return PlayedWork(game, episodes,
                                                       FirstFounder(thread, threads));
                                   }),
                     timing);
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
  return FoundersRate(network, isa, {kFounders, &observations}, threads, timing);
}

Spread NetworkRate(const Network& network, Isa isa, const std::vector<PlayedEpisode>& episodes,
                   int threads, const Timing& timing) {
  std::vector<const Observations*> seen;
  for (const PlayedEpisode& episode : episodes) seen.push_back(&episode.observations);
  return FoundersRate(network, isa, seen, threads, timing);
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
