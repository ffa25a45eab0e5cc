// SPDX-License-Identifier: MIT
#include "dne/algorithms/es.h"

#include <fmt/format.h>

#include "dne/algorithms/limits.h"
#include "dne/base/error.h"

namespace dne {

std::unique_ptr<Algorithm> MakeEs(const EsOptions& options, const StrategyContext& context) {
  DNE_CHECK(options.top_directions == 0 || options.strategy.cloud.antithetic);
  return MakeStrategy(
      options.strategy, context,
      {.update = EsUpdate(options.ascent, options.perturbation.Spec(), options.top_directions),
       .averages = options.iterate_averaging});
}

void EsOptions::Visit(Fields& fields) {
  strategy.Visit(fields);
  strategy.rounds.VisitInterval(fields);
  perturbation.Visit(fields);
  fields.Add("top_directions", top_directions, Range<int>{0, kMaxCount},
             "the best pairs alone count, by raw fitness over its standard deviation (ARS, "
             "1803.07055); 0: all, by fitness_shaping");
  ascent.VisitShaping(fields).OnlyIf(top_directions == 0, top_directions,
                                     "top_directions counts raw fitness");
  ascent.VisitStep(fields);
  fields.Add("iterate_averaging", iterate_averaging, YesNo{},
             "the mean of the centres, later ones counting for more, is validated in place of the "
             "last one");
}

namespace {

void Check(const EsOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  options.strategy.Check(task, mistakes);
  options.perturbation.Check(mistakes);
  const CloudOptions& cloud = options.strategy.cloud;
  const int top = options.top_directions;
  if (top > 0 && !cloud.antithetic) {
    mistakes.Contradiction("top_directions chooses among pairs: it needs antithetic = true",
                           options.top_directions, cloud.antithetic);
  } else if (const int pairs = cloud.population_size / 2; top > pairs) {
    mistakes.Contradiction(
        fmt::format("top_directions is {}, but a population_size of {}{} has {} pairs: give "
                    "top_directions = {} or less",
                    top, cloud.population_size, mistakes.DefaultNote(cloud.population_size), pairs,
                    pairs),
        options.top_directions, cloud.population_size);
  }
}

}  // namespace

const AlgorithmKind kEs = {
    .name = "es",
    .title = "ES",
    .defaults = DefaultsOf<EsOptions>,
    .check = CheckAs<EsOptions, Check>,
    .make = MakeAs<EsOptions, MakeEs>,
    .rounds = [](const Options& options) { return options.As<EsOptions>().strategy.rounds; },
    .perturbs = true,
    .perturbation =
        [](const Options& options) { return options.As<EsOptions>().perturbation.Spec(); }};

}  // namespace dne
