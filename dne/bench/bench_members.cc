// SPDX-License-Identifier: MIT
#include "dne/bench/bench_members.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "dne/bench/noise_images.h"
#include "dne/bench/playing_rate.h"
#include "dne/genome/parent_cache.h"
#include "dne/tasks/episode_task.h"
#ifdef DNE_WITH_ATARI
#include "dne/bench/atari_rates.h"
#endif

namespace dne {
namespace {

constexpr size_t kMoreImages = 10;
constexpr float kSigma = 0.02f;
constexpr size_t kObservations = 600;

std::unique_ptr<Task> MakeTask(const MeasuredCloud& cloud) {
  return MakeNoiseTask(cloud.network, cloud.batch_size,
                       static_cast<size_t>(cloud.batch_size) + kMoreImages, kMoreImages);
}

// 0: full rank.
PerturbationOptions OfRank(int rank) {
  if (rank == 0) return {};
  return {.kind = PerturbationKind::kLowRank, .rank = rank};
}

std::string NameOf(int rank) { return rank == 0 ? "full rank" : fmt::format("rank {}", rank); }

// What makes members of a centre, over and over.
class MemberNoise final {
 public:
  MemberNoise(const Task& task, int rank, Isa isa)
      : rank_(rank),
        cache_(task.layout(), task.initialiser(isa), isa),
        centre_(task.layout().policy_size()),
        first_(task.layout().policy_size()),
        second_(task.layout().policy_size()) {
    Genome founder{.run_seed = kBenchSeed, .founder = {}, .mutations = {}};
    cache_.Hold({&founder, 1}, {}, OfRank(rank).Spec());
    cache_.Express(founder, centre_.values());
  }

  // An antithetic pair.
  uint64_t DrawPair() {
    const Birth birth{1, item_ += 2};
    const Genome genome{
        .run_seed = kBenchSeed, .founder = {}, .mutations = {{.birth = birth, .sigma = kSigma}}};
    if (rank_ == 0) {
      cache_.ExpressPair(genome, first_.values(), second_.values());
    } else {
      for (int half = 0; half < 2; ++half) cache_.DrawChange(genome, centre_.values(), change_);
    }
    return 2;
  }

 private:
  int rank_;
  ParentCache cache_;
  FloatBuffer centre_;
  FloatBuffer first_;
  FloatBuffer second_;
  LowRankChange change_;
  uint32_t item_ = 0;
};

class MembersBench {
 public:
  MembersBench(const MembersBenchOptions& options, const RowSink& on_row)
      : options_(options), on_row_(on_row) {}

  void Run() const {
    for (const int threads : options_.threads) {
      for (const MeasuredCloud& cloud : options_.clouds) MeasureCloud(cloud, threads);
    }
#ifdef DNE_WITH_ATARI
    MeasureAtari();
#endif
  }

 private:
  void MeasureCloud(const MeasuredCloud& cloud, int threads) const {
    const std::unique_ptr<Task> task = MakeTask(cloud);
    std::vector<double> times;
    for (const int rank : options_.ranks) times.push_back(MeasureRank(cloud, *task, rank, threads));
    const double full = MeasureRank(cloud, *task, 0, threads);
    for (size_t i = 0; i < times.size(); ++i) {
      const std::string what = fmt::format("full rank's time / {}'s", NameOf(options_.ranks[i]));
      on_row_({"", cloud.name, what, threads, Exactly(full / times[i]), "x"});
    }
    if (options_.peers && !cloud.peer_script.empty()) ComparePeer(cloud, times, full, threads);
  }

  void ComparePeer(const MeasuredCloud& cloud, std::span<const double> times, double full,
                   int threads) const {
    const PeerOutput peer = RunPeer(
        options_.peers, {cloud.peer_script,
                         {std::to_string(cloud.population_size), std::to_string(cloud.batch_size),
                          std::to_string(threads), fmt::format("{}", options_.timing.seconds)}});
    options_.timing.ThrowIfCancelled();
    const auto row = [&](const std::string& what, double value, const char* unit) {
      on_row_({"", cloud.name, "evosax" + what, threads, Exactly(value), unit});
    };
    const double theirs = peer.Figure("generation");
    row(fmt::format(": generation ({})", peer.VersionText()), theirs, "ms");
    row(": its members", peer.Figure("members"), "ms");
    row(": memory grown", peer.Figure("memory"), "MB");
    row("'s time / full rank's", theirs / full, "x");
    for (size_t i = 0; i < times.size(); ++i) {
      row(fmt::format("'s time / {}'s", NameOf(options_.ranks[i])), theirs / times[i], "x");
    }
  }

  // Returns the milliseconds of a generation.
  double MeasureRank(const MeasuredCloud& cloud, const Task& task, int rank, int threads) const {
    const auto row = [&](const char* what, const Spread& value, const char* unit) {
      on_row_({"", cloud.name, fmt::format("{}: {}", NameOf(rank), what), threads, value, unit});
    };
    Timing timing = options_.timing;
    timing.clock = [this, threads] { return options_.process_clock(threads); };
    const double memory = options_.memory().now;
    const GenerationCost cost =
        MeasureGeneration(task, cloud.population_size, OfRank(rank),
                          {.threads = threads, .isa = options_.isa}, timing);
    const double grown = options_.memory().peak - memory;
    const Spread noise = NoiseOf(cloud, task, rank, threads);
    row("generation", cost.all, "ms");
    row("its noise", noise, "ms");
    row("its update: gradient, Adam", cost.update, "ms");
    row("noise and update", Percent((noise.median + cost.update.median) / cost.all.median), "%");
    row("memory grown since the start", Exactly(grown), "MB");
    return cost.all.median;
  }

  // Milliseconds a generation.
  Spread NoiseOf(const MeasuredCloud& cloud, const Task& task, int rank, int threads) const {
    const auto make = [&](uint32_t) -> Work {
      const auto noise = std::make_shared<MemberNoise>(task, rank, options_.isa);
      return [noise] { return noise->DrawPair(); };
    };
    const Spread each =
        MillisecondsEach(MeasureRate(ForEachThread(threads, make), options_.timing), 1);
    const double members = cloud.population_size;
    return {each.median * members, each.low * members, each.high * members};
  }

#ifdef DNE_WITH_ATARI
  void MeasureAtari() const {
    const auto game = AtariGame::Load(options_.game, {});
    const auto network = MakeNetwork(game->spec(), NetworkPreset(options_.network));
    const Observations observations = RecordEpisode(*game, kObservations);
    for (const int lanes : options_.lanes) {
      const auto measure = [&](int rank) {
        const Spread time = MicrosecondsEach(
            MembersRate(*network, options_.isa, observations, lanes, rank, options_.timing), 1);
        on_row_({options_.game, options_.network,
                 fmt::format("{}: a step of {} members, each", NameOf(rank), lanes), 1, time,
                 "us"});
        return time.median;
      };
      const double full = measure(0);
      for (const int rank : options_.ranks) {
        on_row_({options_.game, options_.network,
                 fmt::format("full rank's time / {}'s, {} members", NameOf(rank), lanes), 1,
                 Exactly(full / measure(rank)), "x"});
      }
    }
  }
#endif

  const MembersBenchOptions& options_;
  const RowSink& on_row_;
};

}  // namespace

void BenchMembers(const MembersBenchOptions& options, const RowSink& on_row) {
  CheckMeasurable(options.threads, options.timing);
  MembersBench(options, on_row).Run();
}

}  // namespace dne
