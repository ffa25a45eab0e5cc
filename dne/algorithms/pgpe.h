// SPDX-License-Identifier: MIT
// PGPE (Sehnke et al. 2010; symmetric, as 2008.02387 pairs it with ClipUp): ES whose cloud has a
// spread of its own for every parameter, which follows its gradient too.
#pragma once

#include <memory>

#include "dne/algorithms/gradient_ascent.h"
#include "dne/algorithms/strategy.h"

namespace dne {

struct PgpeOptions {
  StrategyOptions strategy;
  AscentOptions ascent;
  SpreadOptions spreads;
  GrowthOptions growth;

  bool operator==(const PgpeOptions&) const = default;
};

// Compares pairs: the cloud is antithetic, of an even number of members.
std::unique_ptr<Algorithm> MakePgpe(const PgpeOptions& options, const StrategyContext& context);

}  // namespace dne
