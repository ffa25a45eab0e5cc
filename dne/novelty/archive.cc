// SPDX-License-Identifier: MIT
#include "dne/novelty/archive.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "dne/base/error.h"
#include "dne/base/statistics.h"
#include "dne/novelty/k_smallest.h"
#include "dne/novelty/trajectory_search.h"

namespace dne {
namespace {

using novelty::KSmallest;

// Queries that one thread takes at a time.
constexpr size_t kShare = 64;

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

void SearchPoints(std::span<const Behaviour> archive, std::span<const Behaviour> queries,
                  std::span<KSmallest> nearest, const ParallelFor& parallel) {
  parallel((queries.size() + kShare - 1) / kShare, [&](size_t share) {
    const size_t end = std::min(queries.size(), (share + 1) * kShare);
    for (size_t i = share * kShare; i < end; ++i) {
      for (const Behaviour& archived : archive) {
        nearest[i].Offer(PointScore(queries[i].point, archived.point));
      }
    }
  });
}

// 0 where there is none.
double MeanDistance(std::span<const double> distances) {
  return distances.empty() ? 0 : Mean(distances);
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

std::vector<double> Archive::NoveltyOfAll(std::span<const Behaviour> behaviours, size_t nearest,
                                          const ParallelFor& parallel, Isa isa) const {
  DNE_CHECK(nearest >= 1);
  std::vector<double> novelty;
  for (const std::vector<double>& distances : Distances(behaviours, nearest, parallel, isa)) {
    novelty.push_back(MeanDistance(distances));
  }
  return novelty;
}

std::vector<double> Archive::NoveltyOfArchived(std::span<const Behaviour> behaviours,
                                               size_t nearest, const ParallelFor& parallel,
                                               Isa isa) const {
  DNE_CHECK(nearest >= 1);
  std::vector<double> novelty;
  for (const std::vector<double>& distances : Distances(behaviours, nearest + 1, parallel, isa)) {
    DNE_CHECK(!distances.empty() && distances.front() == 0);  // its own entry
    novelty.push_back(MeanDistance(std::span(distances).subspan(1)));
  }
  return novelty;
}

std::vector<std::vector<double>> Archive::Distances(std::span<const Behaviour> behaviours,
                                                    size_t count, const ParallelFor& parallel,
                                                    Isa isa) const {
  for (const Behaviour& behaviour : behaviours) ExpectFits(behaviour);
  std::vector<KSmallest> scores(behaviours.size(), KSmallest(count));
  if (IsOfTrajectories(distance_)) {
    novelty::SearchTrajectories(distance_, behaviours_, behaviours, scores, parallel, isa);
  } else {
    SearchPoints(behaviours_, behaviours, scores, parallel);
  }
  std::vector<std::vector<double>> result;
  for (const KSmallest& found : scores) {
    result.push_back(found.Sorted());
    for (double& score : result.back()) score = DistanceOfScore(distance_, score);
  }
  return result;
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
