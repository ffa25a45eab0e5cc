// SPDX-License-Identifier: MIT
// One generation of an algorithm, played by hand.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "dne/algorithms/algorithm.h"

namespace dne {

// Its plans by round, and its summary.
struct Generation {
  Plan train, validate, test;
  GenerationSummary summary;
};

// `play`: the results of a plan.
template <class Play>
Generation AdvanceBy(Algorithm& algorithm, const Play& play) {
  Generation g;
  std::optional<GenerationSummary> summary;
  while (!summary) {
    const Plan plan = algorithm.Ask();
    summary = algorithm.Tell(plan, play(plan));
    (plan.round == "train" ? g.train : plan.round == "validate" ? g.validate : g.test) = plan;
  }
  g.summary = *std::move(summary);
  return g;
}

}  // namespace dne
