// SPDX-License-Identifier: MIT
#include "dne/evaluate/workers.h"

#include "dne/base/error.h"
#include "dne/evaluate/round.h"

namespace dne {

Workers::Workers(const Task& task, const EvaluatorOptions& options, Watch& watch)
    : task_(task),
      options_(options),
      parents_(task.layout(), task.initialiser(options.isa), options.isa) {
  DNE_CHECK(options.threads >= 1);
  for (int i = 0; i < options.threads; ++i) workers_.emplace_back(task, parents_, options_, watch);
}

void Workers::Hold(const Plan& plan, const EpisodeMemory& memory) {
  RememberedExperience remembered;
  if (!model_ && IsSafe(plan.perturbation.kind)) model_ = task_.MakeOutputModel(options_.isa);
  if (model_ && !plan.parents.empty()) {
    remembered = [&, run_seed = plan.parents.front().run_seed](Birth individual) {
      return FindExperience(memory, task_, plan, run_seed, individual);
    };
  }
  parents_.Hold(plan.parents, plan.centres, plan.perturbation, model_.get(), remembered);
}

}  // namespace dne
