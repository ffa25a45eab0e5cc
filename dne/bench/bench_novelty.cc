// SPDX-License-Identifier: MIT
#include "dne/bench/bench_novelty.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dne/base/error.h"
#include "dne/novelty/archive.h"
#include "dne/novelty/point_search.h"
#include "dne/random/stream.h"

namespace dne {
namespace {

using novelty::KSmallest;
using novelty::Points;
using novelty::PointTree;
using Search = std::function<void(std::span<const double> query, KSmallest& nearest)>;

constexpr size_t kDimension = 2;
constexpr double kSide = 200;     // of the square; the hard maze has about so much
constexpr size_t kChecked = 100;  // queries
constexpr const char* kPlace = "points";

Points RandomPoints(size_t count, uint32_t item) {
  Stream stream({.seed = 1, .item = item, .purpose = Purpose::kBenchmark});
  Points points{.dimension = kDimension};
  for (size_t i = 0; i < count; ++i) {
    points.Add(std::array{kSide * double{stream.NextFloat()}, kSide * double{stream.NextFloat()}});
  }
  return points;
}

std::vector<Behaviour> BehavioursAt(const Points& points) {
  std::vector<Behaviour> behaviours;
  for (size_t i = 0; i < points.size; ++i) {
    behaviours.push_back({.point = {points[i].begin(), points[i].end()}, .trajectory = {}});
  }
  return behaviours;
}

class NoveltyBench {
 public:
  NoveltyBench(const NoveltyBenchOptions& options, const RowSink& on_row)
      : options_(options),
        on_row_(on_row),
        archived_(RandomPoints(options.archive_size, 0)),
        population_(RandomPoints(options.population_size, 1)),
        tree_(archived_) {}

  void Run() const {
    Say(fmt::format("an archive of {} in a state", archived_.size), 1, Exactly(StateBytes() / 1e6),
        "MB");
    Say(fmt::format("the tree compares with, of {}", archived_.size), 1, Exactly(PointsLookedAt()),
        "points");
    for (const int threads : options_.threads) {
      const Spread by_tree = QueryRate(ByTree(), threads);
      const Spread by_all = QueryRate(ByAll(), threads);
      Say("neighbours by the tree", threads, by_tree, "queries/s");
      Say("neighbours by comparing with all", threads, by_all, "queries/s");
      Say("the tree's rate / the other's", threads, Exactly(by_tree.median / by_all.median), "x");
      Say(fmt::format("novelty of a population of {}", population_.size), threads,
          PopulationCost(threads), "ms");
    }
  }

 private:
  void Say(const std::string& measure, int threads, const Spread& value,
           const std::string& unit) const {
    on_row_({kPlace, "", measure, threads, value, unit});
  }

  Search ByTree() const {
    return
        [this](std::span<const double> query, KSmallest& nearest) { tree_.Search(query, nearest); };
  }
  Search ByAll() const {
    return [this](std::span<const double> query, KSmallest& nearest) {
      SearchAll(archived_, query, nearest);
    };
  }

  std::vector<double> Neighbours(size_t query, const Search& search) const {
    KSmallest nearest(options_.nearest);
    search(population_[query], nearest);
    return nearest.Sorted();
  }

  // The mean of some queries, all of which must find what the search of all finds.
  double PointsLookedAt() const {
    const size_t queries = std::min(kChecked, population_.size);
    size_t looked_at = 0;
    for (size_t i = 0; i < queries; ++i) {
      DNE_CHECK(Neighbours(i, ByTree()) == Neighbours(i, ByAll()));
      KSmallest nearest(options_.nearest);
      looked_at += tree_.Search(population_[i], nearest);
    }
    return static_cast<double>(looked_at) / static_cast<double>(queries);
  }

  Archive FullArchive() const {
    Archive archive(BehaviourDistance::kSquaredEuclidean);
    for (Behaviour& behaviour : BehavioursAt(archived_)) archive.Add(std::move(behaviour));
    return archive;
  }

  double StateBytes() const {
    ByteWriter state;
    FullArchive().Save(state);
    return static_cast<double>(state.Take().size());
  }

  Spread QueryRate(const Search& search, int threads) const {
    std::vector<Work> works;
    for (int i = 0; i < threads; ++i) {
      works.push_back([this, &search, threads, next = static_cast<size_t>(i)]() mutable {
        Neighbours(next % population_.size, search);
        next += static_cast<size_t>(threads);
        return uint64_t{1};
      });
    }
    return MeasureRate(works, options_.timing);
  }

  // As a generation of GA-NS asks for it, tree and all.
  Spread PopulationCost(int threads) const {
    const Archive archive = FullArchive();
    const std::vector<Behaviour> population = BehavioursAt(population_);
    Timing timing = options_.timing;
    timing.clock = [this, threads] { return options_.process_clock(threads); };
    const Work novelty = [&] {
      archive.NoveltyOfPopulation(population, options_.nearest, ThreadsFor(threads), BestIsa());
      return uint64_t{1};
    };
    return MillisecondsEach(MeasureRate({&novelty, 1}, timing), 1);
  }

  const NoveltyBenchOptions& options_;
  const RowSink& on_row_;
  Points archived_;
  Points population_;
  PointTree tree_;
};

}  // namespace

void BenchNovelty(const NoveltyBenchOptions& options, const RowSink& on_row) {
  if (options.threads.empty()) throw Error("nothing to measure: name at least one thread count");
  CheckMeasurable(options.threads, options.timing);
  NoveltyBench(options, on_row).Run();
}

}  // namespace dne
