// SPDX-License-Identifier: MIT
#include "dne/algorithms/ns_es.h"

#include <utility>

namespace dne {
namespace {

std::unique_ptr<Algorithm> Make(const NsEsOptions& options, const RewardWeight& weight,
                                const StrategyContext& context) {
  NoveltyScorer scorer(options.novelty, context.space.point, context.parallel, context.isa);
  return MakeStrategy(options.strategy, context,
                      {.update = EsUpdate(options.ascent, options.perturbation.Spec()),
                       .novelty = NoveltySearch{.scorer = std::move(scorer),
                                                .weight = weight,
                                                .meta_population = options.meta_population}});
}

}  // namespace

std::unique_ptr<Algorithm> MakeNsEs(const NsEsOptions& options, const StrategyContext& context) {
  return Make(options, RewardWeight(0.0), context);
}

std::unique_ptr<Algorithm> MakeNsrEs(const NsEsOptions& options, const StrategyContext& context) {
  return Make(options, RewardWeight(0.5), context);
}

std::unique_ptr<Algorithm> MakeNsraEs(const NsraEsOptions& options,
                                      const StrategyContext& context) {
  return Make(options.ns_es, RewardWeight(options.weight), context);
}

void NsEsOptions::Visit(Fields& fields) {
  strategy.Visit(fields);
  perturbation.Visit(fields);
  ascent.Visit(fields);
  meta_population.Visit(fields);
}

void NsraEsOptions::Visit(Fields& fields) {
  ns_es.Visit(fields);
  weight.Visit(fields);
}

namespace {

void Check(const NsEsOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  options.strategy.Check(task, mistakes);
  options.perturbation.Check(mistakes);
  options.novelty.Check(task, mistakes);
}

void CheckAdapting(const NsraEsOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  Check(options.ns_es, task, mistakes);
}

NoveltyOptions& NoveltyOf(Options& options) { return options.As<NsEsOptions>().novelty; }

RoundOptions RoundsOf(const Options& options) { return options.As<NsEsOptions>().strategy.rounds; }

PerturbationSpec PerturbationOf(const Options& options) {
  return options.As<NsEsOptions>().perturbation.Spec();
}

}  // namespace

const AlgorithmKind kNsEs = {.name = "ns_es",
                             .title = "NS-ES",
                             .defaults = DefaultsOf<NsEsOptions>,
                             .check = CheckAs<NsEsOptions, Check>,
                             .make = MakeAs<NsEsOptions, MakeNsEs>,
                             .rounds = RoundsOf,
                             .novelty = NoveltyOf,
                             .perturbs = true,
                             .perturbation = PerturbationOf};

const AlgorithmKind kNsrEs = {.name = "nsr_es",
                              .title = "NSR-ES",
                              .defaults = DefaultsOf<NsEsOptions>,
                              .check = CheckAs<NsEsOptions, Check>,
                              .make = MakeAs<NsEsOptions, MakeNsrEs>,
                              .rounds = RoundsOf,
                              .novelty = NoveltyOf,
                              .perturbs = true,
                              .perturbation = PerturbationOf};

const AlgorithmKind kNsraEs = {
    .name = "nsra_es",
    .title = "NSRA-ES",
    .defaults = DefaultsOf<NsraEsOptions>,
    .check = CheckAs<NsraEsOptions, CheckAdapting>,
    .make = MakeAs<NsraEsOptions, MakeNsraEs>,
    .rounds =
        [](const Options& options) { return options.As<NsraEsOptions>().ns_es.strategy.rounds; },
    .novelty = [](Options& options) -> NoveltyOptions& {
      return options.As<NsraEsOptions>().ns_es.novelty;
    },
    .perturbs = true,
    .perturbation =
        [](const Options& options) {
          return options.As<NsraEsOptions>().ns_es.perturbation.Spec();
        }};

}  // namespace dne
