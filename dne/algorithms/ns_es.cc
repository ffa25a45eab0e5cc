// SPDX-License-Identifier: MIT
#include "dne/algorithms/ns_es.h"

#include <utility>

namespace dne {
namespace {

std::unique_ptr<Algorithm> Make(const NsEsOptions& options, const RewardWeight& weight,
                                const StrategyContext& context) {
  NoveltyScorer scorer(options.novelty, context.space.point, context.parallel, context.isa);
  return MakeStrategy(options.strategy, context,
                      {.update = EsUpdate(options.ascent),
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

}  // namespace dne
