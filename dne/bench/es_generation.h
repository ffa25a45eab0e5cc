// SPDX-License-Identifier: MIT
// What a generation of an evolution strategy costs besides its episodes: perturbing the centre and
// the update (1703.03864, algorithm 1).
#pragma once

#include <cstddef>
#include <vector>

#include "dne/algorithms/perturbation_options.h"
#include "dne/base/isa.h"
#include "dne/bench/timing.h"
#include "dne/genome/policy_layout.h"
#include "dne/tasks/task.h"

namespace dne {

struct EsScale {
  size_t num_parameters = 0;
  int population_size = 0;  // antithetic pairs
  PerturbationOptions perturbation;
  std::vector<LayerShape> layers;  // weight matrices among the parameters
};

// Milliseconds.
struct GenerationCost {
  Spread all;
  Spread members;  // the cloud: perturbed and scored
  Spread update;   // shaping, gradient, Adam
};

// Generations as a run has them, the centre's validation included, through evaluator and algorithm.
// A member's fitness is minus the sum of its squares. `timing.clock` counts the time of the whole
// process.
GenerationCost MeasureGeneration(const EsScale& scale, int threads, Isa isa, const Timing& timing);

// The same of members that play a task.
GenerationCost MeasureGeneration(const Task& task, int population_size,
                                 const PerturbationOptions& perturbation,
                                 const EvaluatorOptions& compute, const Timing& timing);

// Seconds that one update takes, measured once.
double MeasureUpdate(const EsScale& scale, int threads, Isa isa, const Timing& timing);

}  // namespace dne
