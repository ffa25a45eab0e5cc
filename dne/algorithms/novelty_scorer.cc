// SPDX-License-Identifier: MIT
#include "dne/algorithms/novelty_scorer.h"

#include <utility>

namespace dne {

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

}  // namespace dne
