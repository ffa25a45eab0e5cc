// SPDX-License-Identifier: MIT
// ES (1703.03864): one centre follows the gradient that its members' rewards estimate. With
// `top_directions` it is ARS (1803.07055).
#pragma once

#include <memory>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/algorithms/gradient_ascent.h"
#include "dne/algorithms/perturbation_options.h"
#include "dne/algorithms/strategy.h"
#include "dne/config/field.h"

namespace dne {

struct EsOptions {
  StrategyOptions strategy;
  PerturbationOptions perturbation;
  AscentOptions ascent;
  int top_directions = 0;  // only the best pairs count; 0: all, shaped as `ascent` says
  bool iterate_averaging = false;

  void Visit(Fields& fields);
  bool operator==(const EsOptions&) const = default;
};

// A cloud of antithetic pairs has an even number of members; top_directions needs pairs.
std::unique_ptr<Algorithm> MakeEs(const EsOptions& options, const StrategyContext& context);

extern const AlgorithmKind kEs;

}  // namespace dne
