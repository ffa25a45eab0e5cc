// SPDX-License-Identifier: MIT
#include "dne/algorithms/ga_ns.h"

#include <utility>

namespace dne {

std::unique_ptr<Algorithm> MakeGaNs(const GaNsOptions& options, const StrategyContext& context) {
  NoveltyScorer scorer(options.novelty, context.space.point, context.parallel, context.isa);
  return MakeGa(options.ga, context.run_seed,
                NoveltySelection{.scorer = std::move(scorer),
                                 .archive_probability = options.archive_probability,
                                 .reward_weight = options.reward_weight});
}

void GaNsOptions::Visit(Fields& fields) {
  ga.Visit(fields,
           "individuals a generation; the first is a copy of the most novel one of the generation "
           "before");
  fields.Add("archive_probability", archive_probability, Range<double>{0, 1},
             "of every individual but the copy: that its behaviour enters the archive");
  fields.Add("reward_weight", reward_weight, Range<double>{0, 1},
             "of reward's rank against novelty's in the choice of parents");
}

void GaNsOptions::Check(const TaskFacts& task, Mistakes& mistakes) const {
  ga.Check(task, mistakes);
  novelty.Check(task, mistakes);
  if (ga.trials.population_size > 1) return;
  mistakes.Contradiction(
      "population_size is 1, which the copy of the most novel takes for ever: give 2 or more",
      ga.trials.population_size);
}

namespace {

void CheckOptions(const GaNsOptions& options, const TaskFacts& task, Mistakes& mistakes) {
  options.Check(task, mistakes);
}

}  // namespace

const AlgorithmKind kGaNs = {
    .name = "ga_ns",
    .title = "GA-NS",
    .defaults = DefaultsOf<GaNsOptions>,
    .check = CheckAs<GaNsOptions, CheckOptions>,
    .make = MakeAs<GaNsOptions, MakeGaNs>,
    .rounds = [](const Options& options) { return options.As<GaNsOptions>().ga.trials.rounds; },
    .novelty = [](Options& options) -> NoveltyOptions& {
      return options.As<GaNsOptions>().novelty;
    },
    .perturbation =
        [](const Options& options) { return options.As<GaNsOptions>().ga.Perturbation(); }};

}  // namespace dne
