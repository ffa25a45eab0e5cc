// SPDX-License-Identifier: MIT
// How children of genetic algorithms differ from their parents.
#pragma once

#include "dne/config/field.h"
#include "dne/genome/perturbation.h"

namespace dne {

struct MutationOptions {
  PerturbationKind kind = PerturbationKind::kGaussian;  // or a safe one
  float clip = 0;                                       // SM-G only; 0: no limit
  int experiences = 100;                                // safe ones only

  void Visit(Fields& fields);
  // `max_episode_steps`: of the episodes in which children are first tried.
  PerturbationSpec Spec(int max_episode_steps) const;
  bool operator==(const MutationOptions&) const = default;
};

// The field "sigma" of a genetic algorithm.
void VisitMutationPower(Fields& fields, float& sigma);

}  // namespace dne
