// SPDX-License-Identifier: MIT
#include "dne/algorithms/pgpe.h"

#include "dne/base/error.h"

namespace dne {

std::unique_ptr<Algorithm> MakePgpe(const PgpeOptions& options, const StrategyContext& context) {
  DNE_CHECK(options.strategy.cloud.antithetic);
  return MakeStrategy(
      options.strategy, context,
      {.update = PgpeUpdate(options.ascent, options.spreads), .growth = options.growth});
}

void PgpeOptions::Visit(Fields& fields) {
  strategy.Visit(fields);
  strategy.rounds.VisitInterval(fields);
  ascent.Visit(fields);
  spreads.Visit(fields);
  growth.Visit(fields);
}

namespace {

void Check(const PgpeOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  options.strategy.Check(task, mistakes);
  options.growth.Check(options.strategy.cloud, mistakes);
  if (options.strategy.cloud.antithetic) return;
  mistakes.Contradiction("type \"pgpe\" compares pairs: it needs antithetic = true",
                         options.strategy.cloud.antithetic);
}

}  // namespace

const AlgorithmKind kPgpe = {
    .name = "pgpe",
    .title = "PGPE",
    .defaults = DefaultsOf<PgpeOptions>,
    .check = CheckAs<PgpeOptions, Check>,
    .make = MakeAs<PgpeOptions, MakePgpe>,
    .rounds = [](const Options& options) { return options.As<PgpeOptions>().strategy.rounds; },
    .perturbs = true,
    .perturbation = [](const Options&) { return PerturbationSpec{PerturbationKind::kSpread}; }};

}  // namespace dne
