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

double MeanDistance(BehaviourDistance distance, const KSmallest& nearest) {
  std::vector<double> distances = nearest.Sorted();
  if (distances.empty()) return 0;
  for (double& value : distances) value = DistanceOfScore(distance, value);
  return Mean(distances);
}

}  // namespace

void Archive::Add(Behaviour behaviour) {
  ExpectKind(distance_, behaviour);
  DNE_CHECK(behaviours_.empty() || behaviour.point.size() == behaviours_[0].point.size());
  behaviours_.push_back(std::move(behaviour));
}

std::vector<double> Archive::NoveltyOfAll(std::span<const Behaviour> behaviours, size_t nearest,
                                          const ParallelFor& parallel, Isa isa) const {
  DNE_CHECK(nearest >= 1);
  for (const Behaviour& behaviour : behaviours) ExpectKind(distance_, behaviour);
  std::vector<KSmallest> scores(behaviours.size(), KSmallest(nearest));
  if (IsOfTrajectories(distance_)) {
    novelty::SearchTrajectories(distance_, behaviours_, behaviours, scores, parallel, isa);
  } else {
    SearchPoints(behaviours_, behaviours, scores, parallel);
  }
  std::vector<double> result;
  for (const KSmallest& found : scores) result.push_back(MeanDistance(distance_, found));
  return result;
}

void Archive::Save(ByteWriter& out) const {
  out.Add(static_cast<uint64_t>(behaviours_.size()));
  for (const Behaviour& behaviour : behaviours_) {
    out.Add(static_cast<uint64_t>(behaviour.point.size()));
    for (const double coordinate : behaviour.point) out.Add(coordinate);
    out.AddBytes(behaviour.trajectory);
  }
}

void Archive::Restore(ByteReader& in) {
  std::vector<Behaviour> behaviours(in.ReadCount());
  for (Behaviour& behaviour : behaviours) {
    behaviour.point.resize(in.ReadCount());
    for (double& coordinate : behaviour.point) coordinate = in.ReadDouble();
    behaviour.trajectory = in.ReadBytes();
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
