// SPDX-License-Identifier: MIT
#include "dne/bench/bench_atari.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "dne/base/error.h"
#include "dne/bench/atari_rates.h"
#include "dne/bench/overhead.h"
#include "dne/bench/playing_rate.h"
#include "dne/tasks/episode_task.h"

namespace dne {
namespace {

constexpr uint32_t kRecorded = 1000;  // steps of each founder's episode at most: 28 MB
constexpr size_t kRandom = 500;       // founders take turns after these, so few would cost caches
// Enough for every reuse path to be taken; the reference takes some 20 ms each.
constexpr size_t kChecked = 16;

// What the peers run.
constexpr const char* kPeerNetwork = "uber_large";
constexpr int kPeerPolicies = 64;
constexpr int kPeerGames = 32;  // in lockstep: about the best of 8, 16 and 32 for both

// "uber_large", or "uber_large:float16".
NetworkSpec SpecOf(const std::string& network) {
  const size_t colon = network.find(':');
  NetworkSpec spec = NetworkPreset(network.substr(0, colon));
  if (colon == std::string::npos) return spec;
  if (network.substr(colon) != ":float16") {
    throw Error(fmt::format("networks: {} is no preset, nor one with :float16 behind it", network));
  }
  spec.weights = WeightType::kFloat16;
  return spec;
}

// One way of running a peer.
struct Peer {
  std::string script;
  std::string kind;
  int games = 1;
  int threads = 1;
  std::string title;
  std::string network;               // of ours; empty: the emulator alone
  std::vector<std::string> figures;  // what it prints, each of which one of our own stands against
};

class AtariBench {
 public:
  AtariBench(const AtariBenchOptions& options, const RowSink& on_row)
      : options_(options), on_row_(on_row) {}

  void Run() {
    // Complains before the first minute is spent.
    std::vector<Game> games;
    for (const std::string& name : options_.games) games.push_back(AtariGame::Load(name, {}));
    for (const std::string& name : options_.networks) {
      for (const auto& game : games) MakeNetwork(game->spec(), SpecOf(name));
    }
    if (!options_.networks.empty()) MeasureCosts(games.front());
    for (const auto& game : games) {
      const std::vector<PeerOutput> before = RunPeers(game->name());
      MeasureGame(game);
      Compare(game->name(), before, RunPeers(game->name()));
    }
  }

 private:
  using Game = std::shared_ptr<const AtariGame>;
  using NetworkAndThreads = std::pair<std::string, int>;

  // What a generation costs besides its episodes, whatever the game.
  void MeasureCosts(const Game& game) {
    loop_ = MeasureLoop(options_.scratch / "run", {.clock = options_.wall,
                                                   .repeats = options_.timing.repeats,
                                                   .cancel = options_.timing.cancel});
    on_row_({"", "", "generation: ask, collect, select", 1, loop_.select, "ms"});
    on_row_({"", "", "generation: commit to the store", 1, loop_.write, "ms"});
    for (const std::string& name : options_.networks) {
      const std::unique_ptr<Task> task = MakeTask(game, name);
      for (int threads : options_.threads) {
        Spread& decoding = decoding_[{name, threads}];
        decoding = MeasureDecoding(*task, options_.isa, threads, options_.timing);
        on_row_({"", name, "decode a child", threads, decoding, "ms"});
      }
    }
  }

  void MeasureGame(const Game& game) {
    for (int threads : options_.threads) {
      const Spread emulator = EmulatorRate(*game, threads, options_.timing);
      const Spread environment = EnvironmentRate(*game, threads, options_.timing);
      on_row_({game->name(), "", "emulator alone", threads, emulator, "steps/s"});
      on_row_({game->name(), "", "emulator with observations", threads, environment, "steps/s"});
      ours_[{"emulator", threads}] = environment;
      on_row_({game->name(), "", "share of the observations", threads,
               Percent(1 - environment.median / emulator.median), "%"});
    }
    if (options_.networks.empty()) return;
    const Observations random = RandomObservations(*game, kRandom);
    for (const std::string& name : options_.networks) {
      const auto network = MakeNetwork(game->spec(), SpecOf(name));
      const std::vector<PlayedEpisode> played =
          RecordPlay({.world = game, .network = network}, options_.isa,
                     std::min(kRecorded, options_.max_episode_steps), options_.timing);
      CheckForward(*network, options_.isa, Head(*network, played.front().observations));
      CheckForward(*network, options_.isa, Head(*network, random));
      for (int threads : options_.threads) {
        const Spread environment = EnvironmentRate(*game, played, threads, options_.timing);
        const Spread forward =
            NetworkRate(*network, options_.isa, played, threads, options_.timing);
        on_row_({game->name(), name, "emulator, played frames", threads, environment, "steps/s"});
        on_row_({game->name(), name, "network, played frames", threads, forward, "steps/s"});
        on_row_({game->name(), name, "network, random frames", threads,
                 NetworkRate(*network, options_.isa, random, threads, options_.timing), "steps/s"});
        const Spread playing = MeasureEpisodes(game, name, threads, environment, forward);
        if (name == kPeerNetwork) {
          ours_[{"network", threads}] = forward;
          ours_[{"playing", threads}] = playing;
        }
      }
    }
  }

  // Both parts together, and what became of them.
  Spread MeasureEpisodes(const Game& game, const std::string& network, int threads,
                         const Spread& environment, const Spread& forward) {
    const std::unique_ptr<Task> task = MakeTask(game, network);
    const PlayingRate playing =
        MeasurePlaying(*task, task->initialiser(options_.isa), options_.isa, threads,
                       options_.max_episode_steps, options_.timing);
    const double allowed = 1 / (1 / environment.median + 1 / forward.median);
    const double overhead =
        OverheadShare(decoding_.at({network, threads}), loop_, threads, playing.seconds_of_episode);
    on_row_({game->name(), network, "whole episodes", threads, playing.steps, "steps/s"});
    on_row_({game->name(), network, "the two parts allow", threads, Exactly(allowed), "steps/s"});
    on_row_({game->name(), network, "achieved of that", threads,
             Percent(playing.steps.median / allowed), "%"});
    on_row_({game->name(), network, "mean episode", threads, Exactly(playing.steps_of_episode),
             "steps"});
    on_row_({game->name(), network, "state overhead", threads, Percent(overhead), "%"});
    return playing.steps;
  }

  static std::unique_ptr<Task> MakeTask(const Game& game, const std::string& network) {
    return MakeEpisodeTask({.world = game, .network = MakeNetwork(game->spec(), SpecOf(network))});
  }

  static std::span<const uint8_t> Head(const Network& network, const Observations& observations) {
    const size_t size = kChecked * network.input().size();
    return std::span(observations).first(std::min(size, observations.size()));
  }

  std::vector<Peer> Peers() const {
    if (!options_.peers) return {};
    std::vector<Peer> peers;
    for (int threads : options_.threads) {
      const auto emulator = [&](const char* kind, const char* title) {
        peers.push_back({"atari_emulator.py", kind, kPeerGames, threads, title, "", {"emulator"}});
      };
      emulator("envpool", "EnvPool");
      emulator("ale", "ALE's vector environment");
    }
    if (options_.networks.empty()) return peers;
    const auto population = [&](const char* kind, int policies, int threads, std::string title) {
      peers.push_back({"atari_population.py",
                       kind,
                       policies,
                       threads,
                       title,
                       kPeerNetwork,
                       {"network", "playing"}});
    };
    population("vmap", kPeerPolicies, std::ranges::max(options_.threads),
               fmt::format("vmap of {} policies", kPeerPolicies));
    if (std::ranges::count(options_.threads, 1) > 0) population("loop", 1, 1, "loop, one policy");
    return peers;
  }

  std::vector<PeerOutput> RunPeers(const std::string& game) const {
    std::vector<PeerOutput> outputs;
    for (const Peer& peer : Peers()) {
      outputs.push_back(RunPeer(options_.peers, {peer.script,
                                                 {peer.kind, game, std::to_string(peer.games),
                                                  std::to_string(peer.threads),
                                                  fmt::format("{}", options_.timing.seconds)}}));
    }
    return outputs;
  }

  // The ratio is to the better of the peer's two runs.
  void Compare(const std::string& game, const std::vector<PeerOutput>& before,
               const std::vector<PeerOutput>& after) const {
    const std::vector<Peer> peers = Peers();
    for (size_t i = 0; i < peers.size(); ++i) {
      const Peer& peer = peers[i];
      for (const std::string& figure : peer.figures) {
        const Spread theirs = SpreadOf({before[i].Figure(figure), after[i].Figure(figure)});
        on_row_({game,
                 peer.network,
                 fmt::format("{}: {} ({})", peer.title, figure, before[i].VersionText()),
                 peer.threads,
                 {.median = theirs.high, .low = theirs.low, .high = theirs.high},
                 "steps/s"});
        on_row_({game, peer.network, fmt::format("ours / {}: {}", peer.title, figure), peer.threads,
                 Exactly(ours_.at({figure, peer.threads}).median / theirs.high), "x"});
      }
    }
  }

  const AtariBenchOptions& options_;  // without networks: of the emulator alone
  const RowSink& on_row_;
  LoopCost loop_;
  std::map<NetworkAndThreads, Spread> decoding_;
  // Of the game in work: what the peers' figures are held against, by figure and threads.
  std::map<std::pair<std::string, int>, Spread> ours_;
};

bool OfEmulatorAlone(const AtariBenchOptions& options) {
  return options.networks == std::vector<std::string>{"none"};
}

void CheckOptions(const AtariBenchOptions& options) {
  if (options.games.empty() || options.networks.empty() || options.threads.empty()) {
    throw Error("nothing to measure: name at least one game, one network and one thread count");
  }
  CheckMeasurable(options.threads, options.timing);
  if (options.peers && !OfEmulatorAlone(options) &&
      std::ranges::count(options.networks, kPeerNetwork) == 0) {
    throw Error(fmt::format("the peers run {}: add it to the networks", kPeerNetwork));
  }
}

}  // namespace

void BenchAtari(const AtariBenchOptions& options, const RowSink& on_row) {
  CheckOptions(options);
  AtariBenchOptions named = options;
  if (named.games == std::vector<std::string>{"all"}) named.games = AtariGameNames();
  if (OfEmulatorAlone(options)) named.networks.clear();
  AtariBench(named, on_row).Run();
}

}  // namespace dne
