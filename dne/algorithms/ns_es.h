// SPDX-License-Identifier: MIT
// ES that seek novelty (1712.06560): a meta-population whose members are scored by novelty (NS-ES),
// by novelty and reward alike (NSR-ES), or by a mixture that adapts (NSRA-ES).
#pragma once

#include <memory>

#include "dne/algorithms/algorithm_kind.h"
#include "dne/algorithms/gradient_ascent.h"
#include "dne/algorithms/perturbation_options.h"
#include "dne/algorithms/strategy.h"
#include "dne/config/field.h"

namespace dne {

// Of NS-ES and NSR-ES.
struct NsEsOptions {
  StrategyOptions strategy;
  PerturbationOptions perturbation;
  AscentOptions ascent;
  MetaPopulationOptions meta_population;
  NoveltyOptions novelty;  // a section of its own (AlgorithmKind::novelty)

  void Visit(Fields& fields);
  bool operator==(const NsEsOptions&) const = default;
};

struct NsraEsOptions {
  NsEsOptions ns_es;
  WeightAdaptationOptions weight;

  void Visit(Fields& fields);
  bool operator==(const NsraEsOptions&) const = default;
};

std::unique_ptr<Algorithm> MakeNsEs(const NsEsOptions& options, const StrategyContext& context);
std::unique_ptr<Algorithm> MakeNsrEs(const NsEsOptions& options, const StrategyContext& context);
std::unique_ptr<Algorithm> MakeNsraEs(const NsraEsOptions& options, const StrategyContext& context);

extern const AlgorithmKind kNsEs;
extern const AlgorithmKind kNsrEs;
extern const AlgorithmKind kNsraEs;

}  // namespace dne
