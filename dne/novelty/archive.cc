// SPDX-License-Identifier: MIT
#include "dne/novelty/archive.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/statistics.h"
#include "dne/novelty/k_smallest.h"
#include "dne/novelty/point_search.h"
#include "dne/novelty/trajectory_search.h"

namespace dne {
namespace {

using novelty::KSmallest;
using novelty::Points;
using novelty::PointTree;

// Queries that one thread takes at a time.
constexpr size_t kShare = 64;
// From so many queries on a tree pays off.
constexpr size_t kManyQueries = 32;

void ExpectKind(BehaviourDistance distance, const Behaviour& behaviour) {
  if (IsOfTrajectories(distance)) {
    DNE_CHECK(behaviour.point.empty() && !behaviour.trajectory.empty());
    return;
  }
  DNE_CHECK(behaviour.trajectory.empty());
  for (const double coordinate : behaviour.point) {
    if (std::isfinite(coordinate)) continue;
    throw Error("behaviour has a coordinate that is " +
                std::string(std::isnan(coordinate) ? "nan" : "infinite") +
                ": let the task describe an episode that broke down by finite numbers");
  }
}

using Search = std::function<void(std::span<const double> query, KSmallest& nearest)>;

void SearchEach(std::span<const Behaviour> queries, std::span<KSmallest> nearest,
                const Search& search, const ParallelFor& parallel) {
  parallel((queries.size() + kShare - 1) / kShare, [&](size_t share) {
    const size_t end = std::min(queries.size(), (share + 1) * kShare);
    for (size_t i = share * kShare; i < end; ++i) search(queries[i].point, nearest[i]);
  });
}

void SearchPoints(Points points, std::span<const Behaviour> queries, std::span<KSmallest> nearest,
                  const ParallelFor& parallel) {
  if (queries.size() < kManyQueries) {
    const auto search = [&](std::span<const double> query, KSmallest& found) {
      SearchAll(points, query, found);
    };
    return SearchEach(queries, nearest, search, parallel);
  }
  const PointTree tree(std::move(points));
  const auto search = [&](std::span<const double> query, KSmallest& found) {
    tree.Search(query, found);
  };
  SearchEach(queries, nearest, search, parallel);
}

}  // namespace

void Archive::Add(Behaviour behaviour) {
  ExpectFits(behaviour);
  behaviours_.push_back(std::move(behaviour));
}

bool Archive::Contains(const Behaviour& behaviour) const {
  return std::ranges::find(behaviours_, behaviour) != behaviours_.end();
}

void Archive::ExpectFits(const Behaviour& behaviour) const {
  ExpectKind(distance_, behaviour);
  if (behaviours_.empty() || behaviour.point.size() == behaviours_[0].point.size()) return;
  throw Error("behaviour has " + std::to_string(behaviour.point.size()) +
              " coordinates, those of the archive have " +
              std::to_string(behaviours_[0].point.size()) +
              ": go on with the task of the run's beginning");
}

// 0 where there are no neighbours.
double Archive::MeanDistance(std::span<const double> scores) const {
  std::vector<double> distances;
  for (const double score : scores) distances.push_back(DistanceOfScore(distance_, score));
  return distances.empty() ? 0 : Mean(distances);
}

std::vector<double> Archive::NoveltyOfAll(std::span<const Behaviour> behaviours, size_t nearest,
                                          const ParallelFor& parallel, Isa isa) const {
  DNE_CHECK(nearest >= 1);
  std::vector<double> novelty;
  for (const KSmallest& found : Search(behaviours, {}, nearest, parallel, isa)) {
    novelty.push_back(MeanDistance(found.Sorted()));
  }
  return novelty;
}

std::vector<double> Archive::NoveltyOfArchived(std::span<const Behaviour> behaviours,
                                               size_t nearest, const ParallelFor& parallel,
                                               Isa isa) const {
  return NoveltyAmongOthers(behaviours, {}, nearest, parallel, isa);
}

std::vector<double> Archive::NoveltyOfPopulation(std::span<const Behaviour> behaviours,
                                                 size_t nearest, const ParallelFor& parallel,
                                                 Isa isa) const {
  return NoveltyAmongOthers(behaviours, behaviours, nearest, parallel, isa);
}

// Each is itself among the archived or the `others`, which is the nearest, and does not count.
std::vector<double> Archive::NoveltyAmongOthers(std::span<const Behaviour> behaviours,
                                                std::span<const Behaviour> others, size_t nearest,
                                                const ParallelFor& parallel, Isa isa) const {
  DNE_CHECK(nearest >= 1);
  std::vector<double> novelty;
  for (const KSmallest& found : Search(behaviours, others, nearest + 1, parallel, isa)) {
    const std::vector<double> scores = found.Sorted();
    DNE_CHECK(!scores.empty() && scores.front() == 0);
    novelty.push_back(MeanDistance(std::span(scores).subspan(1)));
  }
  return novelty;
}

std::vector<KSmallest> Archive::Search(std::span<const Behaviour> behaviours,
                                       std::span<const Behaviour> others, size_t count,
                                       const ParallelFor& parallel, Isa isa) const {
  for (const Behaviour& behaviour : behaviours) ExpectFits(behaviour);
  std::vector<KSmallest> nearest(behaviours.size(), KSmallest(count));
  if (behaviours.empty()) return nearest;
  if (IsOfTrajectories(distance_)) {
    SearchTrajectories(distance_, behaviours_, behaviours, nearest, parallel, isa);
    SearchTrajectories(distance_, others, behaviours, nearest, parallel, isa);
    return nearest;
  }
  Points points{.dimension = behaviours[0].point.size()};
  for (const std::span<const Behaviour> some : {std::span(behaviours_), others}) {
    for (const Behaviour& behaviour : some) points.Add(behaviour.point);
  }
  SearchPoints(std::move(points), behaviours, nearest, parallel);
  return nearest;
}

void Archive::Save(ByteWriter& out) const {
  out.Add(static_cast<uint64_t>(behaviours_.size()));
  for (const Behaviour& behaviour : behaviours_) SaveBehaviour(behaviour, out);
}

void Archive::Restore(ByteReader& in) {
  std::vector<Behaviour> behaviours(in.ReadCount());
  for (Behaviour& behaviour : behaviours) {
    behaviour = ReadBehaviour(in);
    const bool of_trajectories = !behaviour.trajectory.empty();
    if (of_trajectories != IsOfTrajectories(distance_) ||
        (of_trajectories && !behaviour.point.empty()) ||
        behaviour.point.size() != behaviours[0].point.size()) {
      throw Error(
          "stored archive holds behaviours of another kind: resume with the distance of "
          "the run's beginning");
    }
  }
  behaviours_ = std::move(behaviours);
}

}  // namespace dne
