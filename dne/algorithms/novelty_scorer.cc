// SPDX-License-Identifier: MIT
#include "dne/algorithms/novelty_scorer.h"

#include <utility>

#include "dne/algorithms/limits.h"
#include "dne/config/mistakes.h"

namespace dne {
namespace {

constexpr std::array<Choice<BehaviourDistance>, 4> kDistances = {
    {{"euclidean", BehaviourDistance::kEuclidean},
     {"squared_euclidean", BehaviourDistance::kSquaredEuclidean},
     {"ram_steps", BehaviourDistance::kSumOfSteps},
     {"ram_frobenius", BehaviourDistance::kFrobenius}}};

}  // namespace

void NoveltyOptions::Visit(Fields& fields) {
  fields.Add("nearest", nearest, kCounts,
             "neighbours that novelty looks at, k; ga_ns: 25 where left out");
  fields.Add("distance", distance, kDistances,
             "between behaviours; the papers: of final positions, or of the RAM at every step");
}

void NoveltyOptions::Check(const TaskFacts& task, Mistakes& mistakes) const {
  if (task.has_trajectories || !IsOfTrajectories(distance)) return;
  mistakes.Contradiction(
      "distance compares behaviours step by step, as Atari's RAM: give \"euclidean\" or "
      "\"squared_euclidean\"",
      distance);
}

NoveltyScorer::NoveltyScorer(const NoveltyOptions& options, PointOf point, ParallelFor parallel,
                             Isa isa)
    : options_(options),
      point_(std::move(point)),
      parallel_(std::move(parallel)),
      isa_(isa),
      archive_(options.distance) {}

Behaviour NoveltyScorer::BehaviourOf(const Result& result) const {
  if (needs_trajectories()) return {.point = {}, .trajectory = result.notes[0].trajectory};
  Behaviour mean;
  for (const Episode& episode : result.episodes) {
    const std::vector<double> point = point_(episode.descriptor);
    mean.point.resize(point.size(), 0.0);
    for (size_t i = 0; i < point.size(); ++i) {
      mean.point[i] += point[i] / static_cast<double>(result.episodes.size());
    }
  }
  return mean;
}

void NoveltyScorer::AddBehaviours(std::span<const Result> results,
                                  std::vector<Behaviour>& behaviours) const {
  for (const Result& result : results) behaviours.push_back(BehaviourOf(result));
}

std::vector<double> NoveltyScorer::Novelty(std::span<const Behaviour> behaviours) const {
  return archive_.NoveltyOfAll(behaviours, static_cast<size_t>(options_.nearest), parallel_, isa_);
}

std::vector<double> NoveltyScorer::NoveltyOfArchived(std::span<const Behaviour> behaviours) const {
  return archive_.NoveltyOfArchived(behaviours, static_cast<size_t>(options_.nearest), parallel_,
                                    isa_);
}

std::vector<double> NoveltyScorer::NoveltyOfPopulation(
    std::span<const Behaviour> behaviours) const {
  return archive_.NoveltyOfPopulation(behaviours, static_cast<size_t>(options_.nearest), parallel_,
                                      isa_);
}

}  // namespace dne
