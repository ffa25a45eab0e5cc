// SPDX-License-Identifier: MIT
#include "dne/evaluate/parents.h"

#include "dne/evaluate/round.h"

namespace dne {

Parents::Parents(const Task& task, Isa isa)
    : task_(task), isa_(isa), cache_(task.layout(), task.initialiser(isa), isa) {}

void Parents::Hold(const Plan& plan, const EpisodeMemory& memory) {
  RememberedExperience remembered;
  if (!model_ && IsSafe(plan.perturbation.kind)) model_ = task_.MakeOutputModel(isa_);
  if (model_ && !plan.parents.empty()) {
    remembered = [&, run_seed = plan.parents.front().run_seed](Birth individual) {
      return FindExperience(memory, task_, plan, run_seed, individual);
    };
  }
  cache_.Hold(plan.parents, plan.centres, plan.perturbation, model_.get(), remembered);
}

}  // namespace dne
