// SPDX-License-Identifier: MIT
#include "dne/bench/bench_es.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dne/base/error.h"
#include "dne/bench/atari_rates.h"
#include "dne/bench/mujoco_rates.h"
#include "dne/bench/playing_rate.h"
#include "dne/random/normal.h"
#include "dne/tasks/episode_task.h"

namespace dne {
namespace {

constexpr const char* kPeerScript = "es_numpy.py";
constexpr const char* kSphere = "sphere";
constexpr const char* kCnn = "cnn of 1712.06564";
constexpr int kBucketMembers = 5;  // for each member without buckets, as the paper compares them

// What a generation is measured with, and how its rows begin.
struct MeasuredNoise {
  const char* name;
  PerturbationKind kind;
};
constexpr MeasuredNoise kNoises[] = {{"signs: ", PerturbationKind::kSigns},
                                     {"", PerturbationKind::kGaussian}};

// What is held against the peers.
struct Ours {
  const char* noise;
  GenerationCost cost;
};

class EsBench {
 public:
  EsBench(const EsBenchOptions& options, const RowSink& on_row)
      : options_(options), on_row_(on_row) {}

  void Run() {
    MeasureGenerations();
    MeasureUpdates();
    MeasureBodies();
    MeasureAtari();
  }

 private:
  Timing ProcessTiming(int threads) const {
    Timing timing = options_.timing;
    timing.clock = [this, threads] { return options_.process_clock(threads); };
    return timing;
  }

  // --- Perturbing and updating -------------------------------------------------------------------

  // First of all, so that what the process needs else is not in its memory yet.
  void MeasureGenerations() {
    const double memory = options_.memory().now;
    const std::vector<PeerOutput> before = RunPeers();
    std::vector<std::vector<Ours>> ours;  // of each thread count
    for (const int threads : options_.threads) {
      ours.emplace_back();
      for (const MeasuredNoise& noise : kNoises) {
        ours.back().push_back({noise.name, MeasureGenerationOf(noise, threads)});
        on_row_({kSphere, "", fmt::format("{}memory grown since the start", noise.name), threads,
                 Exactly(options_.memory().peak - memory), "MB"});
      }
    }
    const std::vector<PeerOutput> after = RunPeers();
    for (size_t i = 0; i < before.size(); ++i) {
      Compare(options_.threads[i], ours[i], before[i], after[i]);
    }
  }

  GenerationCost MeasureGenerationOf(const MeasuredNoise& noise, int threads) const {
    EsScale scale = options_.small;
    scale.perturbation.kind = noise.kind;
    const GenerationCost cost =
        MeasureGeneration(scale, threads, options_.isa, ProcessTiming(threads));
    const auto row = [&](const char* what, const Spread& time) {
      on_row_({kSphere, "", fmt::format("{}{}", noise.name, what), threads, time, "ms"});
    };
    row("generation", cost.all);
    row("its members: perturb, score", cost.members);
    row("its update: gradient, Adam", cost.update);
    return cost;
  }

  // One for each thread count.
  std::vector<PeerOutput> RunPeers() const {
    std::vector<PeerOutput> outputs;
    if (!options_.peers) return outputs;
    for (const int threads : options_.threads) {
      outputs.push_back(RunPeer(
          options_.peers, {kPeerScript,
                           {std::to_string(options_.small.num_parameters),
                            std::to_string(options_.small.population_size), std::to_string(threads),
                            fmt::format("{}", options_.timing.seconds)}}));
      options_.timing.ThrowIfCancelled();
    }
    return outputs;
  }

  // The ratio is to the better of the peer's two runs.
  void Compare(int threads, const std::vector<Ours>& ours, const PeerOutput& before,
               const PeerOutput& after) const {
    const auto compare = [&](const char* what, Spread GenerationCost::*part) {
      const Spread peer = SpreadOf({before.Figure(what), after.Figure(what)});
      on_row_({kSphere,
               "",
               fmt::format("NumPy: {} ({})", what, before.VersionText()),
               threads,
               {.median = peer.low, .low = peer.low, .high = peer.high},
               "ms"});
      for (const auto& [noise, cost] : ours) {
        on_row_({kSphere, "", fmt::format("{}NumPy's time / ours: {}", noise, what), threads,
                 Exactly(peer.low / (cost.*part).median), "x"});
      }
    };
    compare("generation", &GenerationCost::all);
    compare("members", &GenerationCost::members);
    compare("update", &GenerationCost::update);
    on_row_({kSphere, "", "NumPy: memory grown", threads, Exactly(before.Figure("memory")), "MB"});
  }

  // Of one network, by the perturbations that make it cheaper.
  void MeasureUpdates() const {
    const auto measure = [&](const char* noise, EsScale scale) {
      const int threads = std::ranges::max(options_.threads);
      const double seconds = MeasureUpdate(scale, threads, options_.isa, ProcessTiming(threads));
      on_row_({"", kCnn, fmt::format("{}update from {} members", noise, scale.population_size),
               threads, Exactly(seconds), "s"});
    };
    EsScale scale = options_.cnn;
    measure("", scale);
    scale.perturbation = {.kind = PerturbationKind::kSigns};
    measure("signs: ", scale);
    scale.perturbation = {.kind = PerturbationKind::kLowRank, .rank = 1};
    measure("rank 1: ", scale);
    scale.perturbation = {.kind = PerturbationKind::kLowRank, .rank = 4};
    measure("rank 4: ", scale);
    scale.perturbation = {.kind = PerturbationKind::kBucket};
    scale.population_size *= kBucketMembers;
    measure("buckets: ", scale);
  }

  // --- Bodies ------------------------------------------------------------------------------------

  void MeasureBodies() const {
#ifdef DNE_WITH_MUJOCO
    for (const std::string& body : options_.bodies) {
      const BodyRates rates(body, options_.isa);
      for (const int threads : options_.threads) MeasureBody(body, rates, threads);
      on_row_({body, "mlp", "mean episode", 1, Exactly(rates.steps_of_episode()), "steps"});
    }
#endif
  }

#ifdef DNE_WITH_MUJOCO
  void MeasureBody(const std::string& body, const BodyRates& rates, int threads) const {
    const Timing& timing = options_.timing;
    const Spread engine = rates.Engine(threads, timing);
    const Spread environment = rates.Environment(threads, timing);
    const Spread network = rates.Network(threads, timing);
    const Spread playing = rates.Playing(threads, timing);
    on_row_({body, "", "engine alone", threads, engine, "steps/s"});
    on_row_({body, "", "environment", threads, environment, "steps/s"});
    on_row_({body, "mlp", "network alone", threads, network, "steps/s"});
    on_row_({body, "mlp", "whole episodes", threads, playing, "steps/s"});
    on_row_({body, "", "environment / engine", threads, Percent(environment.median / engine.median),
             "%"});
    on_row_({body, "mlp", "whole episodes / engine", threads,
             Percent(playing.median / engine.median), "%"});
    on_row_({body, "mlp", "the network's share of a step", threads,
             Percent(playing.median / network.median), "%"});
  }
#endif

  // --- Atari -------------------------------------------------------------------------------------

  void MeasureAtari() const {
    const int threads = std::ranges::max(options_.threads);
    const double update =
        MeasureUpdate(options_.large, threads, options_.isa, ProcessTiming(threads));
    on_row_({"", "uber_large",
             fmt::format("update from {} members", options_.large.population_size), threads,
             Exactly(update), "s"});
#ifdef DNE_WITH_ATARI
    const auto game = AtariGame::Load(options_.game, {});
    MeasureUpdateShare(game, threads, update);
    for (const int count : options_.threads) MeasureNormalisation(game, count);
#endif
  }

#ifdef DNE_WITH_ATARI
  using Game = std::shared_ptr<const AtariGame>;

  // Members of the clouds of random founders.
  Initialiser Members(const Task& task) const {
    return [initialise = task.initialiser(options_.isa), isa = options_.isa](
               const StreamId& id, std::span<float> parameters) {
      initialise(id, parameters);
      const StreamId noise{.seed = id.seed, .item = id.item, .purpose = Purpose::kMutation};
      constexpr float kSigma = 0.02f;  // the paper's
      AddNormal(noise, kSigma, parameters, parameters, isa);
    };
  }

  PlayingRate MeasureEpisodes(const Task& task, const std::string& network, int threads) const {
    const PlayingRate playing = MeasurePlaying(task, Members(task), options_.isa, threads,
                                               options_.max_episode_steps, options_.timing);
    on_row_({options_.game, network, "whole episodes", threads, playing.steps, "steps/s"});
    on_row_({options_.game, network, "mean episode", threads, Exactly(playing.steps_of_episode),
             "steps"});
    return playing;
  }

  void MeasureUpdateShare(const Game& game, int threads, double update) const {
    const char* network = "uber_large";
    const auto task = MakeEpisodeTask(
        {.world = game, .network = MakeNetwork(game->spec(), NetworkPreset(network))});
    const PlayingRate playing = MeasureEpisodes(*task, network, threads);
    const int members = options_.large.population_size;
    const double episodes = members * playing.seconds_of_episode / threads;
    on_row_({options_.game, network, fmt::format("{} such episodes", members), threads,
             Exactly(episodes), "s"});
    on_row_({options_.game, network, "the update's share of both", threads,
             Percent(update / (update + episodes)), "%"});
  }

  // Once an episode, the reference batch passes through the network.
  void MeasureNormalisation(const Game& game, int threads) const {
    NetworkSpec spec = NetworkPreset("uber_small");
    spec.virtual_batch_norm = true;
    const auto network = MakeNetwork(game->spec(), spec);
    const auto batch = MakeReferenceBatch(*game, /*run_seed=*/1);
    const auto task =
        MakeEpisodeTask({.world = game, .network = network, .reference_batch = batch});
    const Spread normalising = MillisecondsEach(
        PolicyRate(*network, *batch, Members(*task), options_.isa, threads, options_.timing),
        threads);
    on_row_(
        {options_.game, "uber_small", "virtual batch normalisation", threads, normalising, "ms"});
    const PlayingRate playing = MeasureEpisodes(*task, "uber_small", threads);
    on_row_({options_.game, "uber_small", "its share of an episode", threads,
             Percent(normalising.median / 1000 / playing.seconds_of_episode), "%"});
  }
#endif

  const EsBenchOptions& options_;
  const RowSink& on_row_;
};

}  // namespace

void BenchEs(const EsBenchOptions& options, const RowSink& on_row) {
  if (options.threads.empty()) throw Error("nothing to measure: name at least one thread count");
  CheckMeasurable(options.threads, options.timing);
  EsBench(options, on_row).Run();
}

}  // namespace dne
